import * as z from 'zod/mini';
import { bundleSchema } from './bundle.ts';
import { key, mapping, optional } from './mapping.ts';
import { absolutePath, count, listOf, text } from './values.ts';
import { must } from './wording.ts';

const LISTEN_PATTERN = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]*)):([0-9]{1,5})$/;
const WRONG_LISTEN = must('be "host:port", "[IPv6]:port", ":port" or none');

// A union reports an issue that does not abort instead of its own message.
const { error: wrongPort } = must('have a port of at most 65535');

/** `host:port`, or `none`, which becomes undefined. */
const listenAddress = z.pipe(
  z.union(
    [
      z.literal('none'),
      text(LISTEN_PATTERN, WRONG_LISTEN).check(
        z.refine((address) => parseListen(address).port <= 65535, { error: wrongPort }),
      ),
    ],
    WRONG_LISTEN,
  ),
  z.transform((address) => (address === 'none' ? undefined : parseListen(address))),
);

/** An empty host is every interface. */
function parseListen(address: string) {
  const [, ipv6, name, port] = LISTEN_PATTERN.exec(address) ?? [];
  return { host: ipv6 ?? name ?? '', port: Number(port) };
}

const log = z.strictObject({
  level: key(
    'Least severe level that is logged; `silent` logs nothing.',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
  ),
  format: key('Format of the log lines.', z.enum(['json', 'logfmt']), 'json'),
});

/** An absolute path, or `none`, which becomes undefined. */
const stateDirectory = z.pipe(
  z.union(
    [z.literal('none'), absolutePath],
    must('be an absolute path without ".." parts, or none'),
  ),
  z.transform((path) => (path === 'none' ? undefined : path)),
);

/** As `chmod` has it; in YAML a number may mean something else with the zero or without quotes. */
const fileMode = z.pipe(
  text(/^0?[0-7]{3}$/, must('be a file mode in quotes, such as "0660"')),
  z.transform((mode) => Number.parseInt(mode, 8)),
);

/** The whole of `lastgood.yaml`. docs/settings.md is made from it. */
export const documentSchema = mapping({
  listen: key(
    'Address of metrics, probes and status: host:port, :port (every interface) or none.',
    listenAddress,
    ':9533',
  ),
  webConfigFile: optional(
    'File with TLS and passwords for that address, in the format of Prometheus exporters.',
    absolutePath,
  ),
  log: key('What lastgood logs.', log, {}),
  stateDir: key(
    'Absolute path of the directory for the journal and the last good version, or none.',
    stateDirectory,
    '/lastgood/state',
  ),
  runDir: key(
    "Absolute path of the directory for the SDK's socket, sdk.sock; used by `subscribers` targets.",
    absolutePath,
    '/lastgood/run',
  ),
  socketMode: key(
    'Who may use this socket, as a file mode: owner, group, others.',
    fileMode,
    '0660',
  ),
  socketGroup: optional(
    'Group id of the socket; unset: the group of lastgood.',
    count(0, 2 ** 32 - 2),
  ),
  bundles: key('Bundles, which roll out independently of each other.', listOf(bundleSchema, 1)),
});

/** A document with all rules inside of its bundles checked. */
export type CheckedDocument = z.output<typeof documentSchema>;

/** Where the server listens. */
export type ListenSettings = NonNullable<CheckedDocument['listen']>;

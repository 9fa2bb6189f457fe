import * as z from 'zod/mini';
import { bundleSchema } from './bundle.ts';
import { listenAddress } from './listen.ts';
import { key, mapping, optional } from './mapping.ts';
import { absolutePath, listOf } from './values.ts';
import { must } from './wording.ts';

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
  bundles: key('Bundles, which roll out independently of each other.', listOf(bundleSchema, 1)),
});

/** A document with all rules inside of its bundles checked. */
export type CheckedDocument = z.output<typeof documentSchema>;

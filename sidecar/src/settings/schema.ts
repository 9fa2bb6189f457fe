import * as z from 'zod/mini';
import { FORMAT_NAMES } from '../formats/format.ts';
import { SHAPE_MODES } from './settings.ts';
import {
  absolutePath,
  bundleName,
  celRule,
  count,
  dottedPath,
  duration,
  glob,
  httpUrl,
  insidePath,
  listenAddress,
  listOf,
  size,
  someText,
  statusList,
} from './values.ts';

/** The shape of `lastgood.yaml`, with every default. Source: DESIGN.md §5. */

/** Gives a key the sentence that editors show. */
function key<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  return schema.check(z.describe(description)) as Schema;
}

/** A key that may be left out; `fallback` is written as the user would write it. */
function or<Schema extends z.ZodMiniType>(fallback: z.input<Schema>, schema: Schema) {
  return z.prefault(schema, fallback as never);
}

const log = z.strictObject({
  level: key(
    'The least severe log lines that are written.',
    or('info', z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])),
  ),
  format: key('The format of the log lines.', or('json', z.literal('json'))),
});

const volume = z.strictObject({
  path: key(
    'Absolute path where the volume is mounted in the container of lastgood.',
    absolutePath,
  ),
  at: key(
    'Directory inside the snapshot where its files stand; "." is the top.',
    or('.', insidePath),
  ),
  include: key('Globs of the files that are in the snapshot.', or(['**'], listOf(glob, 1))),
  exclude: key('Globs of the files that are left out of the snapshot.', or([], listOf(glob))),
  secret: key('Whether its values are secret and must never be shown.', or(false, z.boolean())),
});

const rule = z.strictObject({
  rule: key(
    'A CEL expression that must be true; self is the content, oldSelf the active one.',
    celRule,
  ),
  message: key('What is said when it is not.', z.optional(someText)),
});

const exec = z.strictObject({
  command: key(
    'The program and its arguments; {dir} becomes the directory of a copy of the files.',
    listOf(someText, 1),
  ),
  timeout: key('How long it may take (10s, 1m).', or('10s', duration(1))),
});

/** An entry says by one of `files`, `keys`, `shape`, `traps`, `exec` or `rules` alone what it is. */
export const checkSchema = z.strictObject({
  files: key('A path or a glob inside the snapshot.', z.optional(glob)),
  keys: key('A glob of files that are read as one object, a key each.', z.optional(glob)),
  format: key(
    'Format of the files; auto goes by the name.',
    z.optional(z.enum(['auto', ...FORMAT_NAMES])),
  ),
  schema: key(
    'JSON Schema file, or a .mjs or .ts module with a Standard Schema; may be relative to the settings.',
    z.optional(someText),
  ),
  rules: key(
    'Rules in CEL; without files and keys, self is the whole bundle: each file by its path.',
    z.optional(listOf(rule, 1)),
  ),
  shape: key(
    'How the shape of the last good version is held against a new one.',
    z.optional(z.enum(SHAPE_MODES)),
  ),
  traps: key(
    'What becomes of secrets that look like a mistake.',
    z.optional(z.enum(['off', 'warn', 'error'])),
  ),
  exec: key('A command that must end with 0.', z.optional(exec)),
});

const retries = z.strictObject({
  attempts: key('Tries in all, the first one included.', or(5, count(1, 100))),
  backoff: key(
    'Wait before the second try (250ms, 1s); each further wait is twice as long.',
    or('1s', duration()),
  ),
  max: key('The longest wait between two tries (30s, 5m).', or('30s', duration(1))),
});

/** How the app says yes and no. */
const answers = {
  success: key(
    'Status codes or classes that mean yes.',
    or(['2xx'], statusList.check(z.minLength(1))),
  ),
  refused: key(
    'Status codes or classes that mean that the app read it and says no.',
    or([400, 409, 422], statusList),
  ),
};

const webhook = z.strictObject({
  url: key('The http or https URL that is called when there is a new snapshot.', httpUrl),
  method: key('The HTTP method.', or('POST', z.enum(['POST', 'PUT', 'GET', 'PATCH']))),
  ...answers,
  timeout: key('Deadline of one try (500ms, 10s).', or('10s', duration(1))),
  retries: key('How often and when it is tried again after a fault.', or({}, retries)),
});

const dryRun = z.strictObject({
  webhook: key(
    'Asks the app with an HTTP request whether it could run on a copy of the new snapshot.',
    z.strictObject({
      url: key('The http or https URL that is asked before anything is published.', httpUrl),
      method: key('The HTTP method.', or('POST', z.enum(['POST', 'PUT', 'PATCH']))),
      ...answers,
      timeout: key('Deadline of one try (500ms, 10s).', or('5s', duration(1))),
    }),
  ),
});

const target = z.strictObject({
  webhook: key('Tells the app with an HTTP request.', webhook),
});

const confirm = z.strictObject({
  within: key('Deadline for the proof (30s, 5m).', or('30s', duration(1))),
  hold: key('How long the app must stay good without a break (5s, 1m).', or('5s', duration())),
  http: key(
    'Asks an endpoint of the app.',
    z.strictObject({
      url: key('The http or https URL that is asked.', httpUrl),
      success: key(
        'Status codes or classes that mean good.',
        or(['2xx'], statusList.check(z.minLength(1))),
      ),
      version: key(
        'Where the answer names the version that the app runs on.',
        z.optional(
          z.strictObject({
            json: key('Dotted path into the JSON body (config.version).', dottedPath),
          }),
        ),
      ),
    }),
  ),
});

/** One entry of `bundles`. */
export const bundleSchema = z.strictObject({
  name: key('Name of the bundle in logs, metrics and events; a DNS label.', bundleName),
  volumes: key('The volumes that roll out together, as one.', listOf(volume, 1)),
  publish: key(
    'Absolute path of the directory where the app reads it; left out: direct mode.',
    z.optional(absolutePath),
  ),
  mountedAt: key(
    "Where the app's container mounts that directory; the default is publish, else the first volume.",
    z.optional(absolutePath),
  ),
  settle: key(
    'Wait for this much quiet (0ms, 2s), to join volumes that change together.',
    or('0ms', duration()),
  ),
  maxSize: key('The largest snapshot, in bytes or as 64Ki, 4Mi.', or('4Mi', size)),
  reloadOn: key(
    'Whether the app is told of any change, or only of one that changes what the files mean.',
    or('bytes', z.enum(['bytes', 'meaning'])),
  ),
  validate: key('Checks that every snapshot must pass.', or([], listOf(checkSchema))),
  prepare: key('Who is asked for a dry run, in this order.', or([], listOf(dryRun))),
  targets: key('Who is told of a new snapshot, in this order.', or([], listOf(target))),
  confirm: key('How the app proves that it runs on the snapshot.', z.optional(confirm)),
  onFailure: key(
    'Whether the last good snapshot is put back when the app was told and failed.',
    or('rollback', z.enum(['rollback', 'hold'])),
  ),
  staleAfter: key(
    'How long a degraded bundle stays ready (1h); left out: for ever.',
    z.optional(duration(1)),
  ),
  history: key('How many older snapshots are kept.', or(10, count(1, 1000))),
});

/** The whole of `lastgood.yaml`. */
export const documentSchema = z.strictObject({
  listen: key(
    'Address of metrics, probes and status (host:port); an empty host is every interface.',
    or(':9533', listenAddress),
  ),
  log: key('What lastgood writes to its log.', or({}, log)),
  stateDir: key(
    'Absolute path of the directory for journal, last good and quarantine.',
    or('/lastgood/state', absolutePath),
  ),
  bundles: key('Bundles roll out independently of each other.', listOf(bundleSchema, 1)),
});

/** A document of the right shape: durations in milliseconds, sizes in bytes, keys as in the file. */
export type SettingsDocument = z.output<typeof documentSchema>;
export type BundleDocument = z.output<typeof bundleSchema>;

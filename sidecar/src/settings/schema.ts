import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import * as z from 'zod/mini';
import { key, or } from './keys.ts';
import { confirmSchema } from './schema-confirm.ts';
import { command } from './schema-requests.ts';
import { dryRunSchema, targetSchema } from './schema-targets.ts';
import { LOG_FORMATS, LOG_LEVELS, SHAPE_MODES } from './settings.ts';
import {
  absolutePath,
  bundleName,
  celRule,
  count,
  duration,
  glob,
  insidePath,
  listenAddress,
  listOf,
  size,
  someText,
  stateDirectory,
  variableName,
} from './values.ts';

/** The shape of `lastgood.yaml`, with every default. docs/settings.md is made from it. */

const log = z.strictObject({
  level: key(
    'The least severe log lines that are written; silent is none.',
    or('info', z.enum(LOG_LEVELS)),
  ),
  format: key('The format of the log lines.', or('json', z.enum(LOG_FORMATS))),
});

const volume = z.strictObject({
  path: key(
    'Absolute path of the directory or file, as mounted in the container of lastgood.',
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
    command,
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

const expand = z.strictObject({
  file: key('Path inside the snapshot of the file that is expanded: gzip and $(VAR).', insidePath),
  to: key(
    'Absolute path of the file where the app reads what comes of it, in no volume that captures it.',
    absolutePath,
  ),
  ordinalFrom: key(
    'Environment variable whose number at the end is $(STATEFULSET_ORDINAL_NUMBER) in the file.',
    z.optional(variableName),
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
    'What the app is told of: other bytes, another meaning, or each swap, of which nothing is read.',
    or('bytes', z.enum(['bytes', 'meaning', 'swap'])),
  ),
  preset: key(
    'A known program: what stands for targets, confirm and validate where they are left out.',
    z.optional(z.unknown()),
  ),
  validate: key('Checks that every snapshot must pass.', or([], listOf(checkSchema))),
  prepare: key('Who is asked for a dry run, in this order.', or([], listOf(dryRunSchema))),
  targets: key('Who is told of a new snapshot, in this order.', or([], listOf(targetSchema))),
  confirm: key('How the app proves that it runs on the snapshot.', z.optional(confirmSchema)),
  onFailure: key(
    'Whether the last good snapshot is put back when the app was told and failed.',
    or('rollback', z.enum(['rollback', 'hold'])),
  ),
  staleAfter: key(
    'How long a degraded bundle stays ready (1h); left out: for ever.',
    z.optional(duration(1)),
  ),
  history: key('How many older snapshots are kept.', or(10, count(1, 1000))),
  expand: key(
    'Undoes gzip and $(VAR) in one file before the checks, and writes it to a file of its own.',
    z.optional(expand),
  ),
  tellAtStart: key(
    'Whether the targets are told of the first version as well.',
    or(false, z.boolean()),
  ),
});

/** The whole of `lastgood.yaml`. */
export const documentSchema = z.strictObject({
  listen: key(
    'Address of metrics, probes and status: host:port, :port is every interface, none is nothing.',
    or(':9533', listenAddress),
  ),
  webConfigFile: key(
    'A file that puts TLS and passwords before them, in the format of Prometheus exporters.',
    z.optional(absolutePath),
  ),
  log: key('What lastgood writes to its log.', or({}, log)),
  stateDir: key(
    'Absolute path of the directory for journal and last good; none: a restart forgets them.',
    or('/lastgood/state', stateDirectory),
  ),
  bundles: key('Bundles roll out independently of each other.', listOf(bundleSchema, 1)),
});

/** A document of the right shape: durations in milliseconds, sizes in bytes, keys as in the file. */
export type SettingsDocument = z.output<typeof documentSchema>;
export type BundleDocument = z.output<typeof bundleSchema>;

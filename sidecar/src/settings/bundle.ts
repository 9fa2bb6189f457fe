import * as z from 'zod/mini';
import { type CheckSettings, checkDuplicates, checkSchema } from './checks.ts';
import { confirmSchema, resolveConfirm } from './confirm.ts';
import { key, mapping, optional, type Report, type Values } from './mapping.ts';
import type { SubscribersSettings } from './subscribers.ts';
import { type TargetSettings, targetSchema } from './targets.ts';
import { absolutePath, count, duration, glob, insidePath, listOf, size, text } from './values.ts';
import { prepareSchema } from './webhook.ts';
import { must } from './wording.ts';

/** A DNS label: it appears in labels of metrics, in headers and in file names. */
const bundleName = text(
  /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
  must('be at most 63 lower-case letters, digits and "-", not at either end'),
);

const objectName = text(
  /^(?:ConfigMap|Secret)\/[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/,
  must('be ConfigMap/NAME or Secret/NAME'),
);

/** One entry of `volumes`; the type is in core, because capture works with it. */
const volumeSchema = z.strictObject({
  path: key(
    'Absolute path of the directory or file, as mounted in the container of lastgood.',
    absolutePath,
  ),
  at: key('Directory of its files inside the snapshot; `.` is the top.', insidePath, '.'),
  include: key('Globs of the files to include.', listOf(glob, 1), ['**']),
  exclude: key('Globs of the files to leave out.', listOf(glob), []),
  secret: key('Its values are secret: lastgood never shows them.', z.boolean(), false),
  object: optional(
    'The object that it has its files from, for `lastgood validate` of manifests without a pod.',
    objectName,
  ),
});

const variableName = text(
  /^[a-zA-Z_][a-zA-Z0-9_]*$/,
  must('be the name of an environment variable'),
);

/** One file of the snapshot that is expanded before the checks see it. */
const expandSchema = mapping({
  file: key('Path of the file inside the snapshot.', insidePath),
  to: key(
    'Absolute path of the file that the app reads, outside of what the volumes capture.',
    absolutePath,
  ),
  ordinalFrom: optional(
    'Environment variable whose trailing number replaces $(STATEFULSET_ORDINAL_NUMBER).',
    variableName,
  ),
});

const bundleKeys = {
  name: key('Name of the bundle in logs, metrics and events; a DNS label.', bundleName),
  volumes: key('Volumes that roll out together.', listOf(volumeSchema, 1)),
  publish: optional(
    'Absolute path of the directory where the app reads the snapshot; unset: direct mode.',
    absolutePath,
  ),
  mountedAt: optional(
    "Where the app's container mounts that directory (default: `publish`, else the first volume).",
    absolutePath,
  ),
  settle: key(
    'Wait until nothing has changed for this long (0ms, 2s), to join volumes that change together.',
    duration(),
    '0ms',
  ),
  maxSize: key('Largest snapshot, in bytes or as 64Ki, 4Mi.', size, '4Mi'),
  reloadOn: key(
    'Which changes trigger a reload: any `bytes`, only the `meaning`, or every `swap` of a volume.',
    z.enum(['bytes', 'meaning', 'swap']),
    'bytes',
  ),
  preset: optional(
    'A known program, for which lastgood fills in `targets`, `confirm` and `validate` if unset.',
    z.unknown(),
  ),
  validate: key('Checks that every snapshot must pass.', listOf(checkSchema), []),
  prepare: key('Dry runs to ask the app for, in order.', listOf(prepareSchema), []),
  targets: key('Targets to notify of a new snapshot, in order.', listOf(targetSchema), []),
  confirm: optional('How the app proves that it runs on the snapshot.', confirmSchema),
  onFailure: key(
    'After a failed delivery or proof: restore the last good snapshot, or keep the new one.',
    z.enum(['rollback', 'hold']),
    'rollback',
  ),
  maxAbsence: key(
    'How long the app may be absent on a new snapshot before the last good one gets a turn (30m, 2m).',
    duration(1),
    '30m',
  ),
  quarantineAfter: optional(
    'Number of rollouts that fail by a fault of a target before the snapshot is quarantined.',
    count(1, 100),
  ),
  staleAfter: optional(
    'How long a degraded bundle stays ready (1h); unset: no limit.',
    duration(1),
  ),
  history: optional(
    'Number of older snapshots to keep (default: 10; 1 with a secret volume or `expand`).',
    count(1, 1000),
  ),
  expand: optional(
    'Unpacks gzip and replaces $(VAR) in one file before the checks, and writes the result.',
    expandSchema,
  ),
  tellAtStart: key('Notify the targets of the first version, too.', z.boolean(), false),
};

export const bundleSchema = mapping(bundleKeys, (bundle, report) => {
  const { settle, maxSize, maxAbsence, staleAfter, preset: _, ...same } = bundle;
  checkDuplicates(bundle.validate, report);
  if (bundle.reloadOn === 'swap') checkSwap(bundle, report);
  checkSubscribers(bundle, report);
  return {
    ...same,
    mountedAt: bundle.mountedAt ?? bundle.publish ?? bundle.volumes[0]?.path ?? '',
    settleMs: settle,
    maxSizeBytes: maxSize,
    confirm: bundle.confirm && resolveConfirm(bundle.confirm, bundle, report),
    // An app that may take this long to prove a version may take as long to start.
    maxAbsenceMs: Math.max(maxAbsence, bundle.confirm?.withinMs ?? 0),
    staleAfterMs: staleAfter,
    history: bundle.history ?? (isSealed(bundle) ? SEALED_HISTORY : DEFAULT_HISTORY),
  };
});

const DEFAULT_HISTORY = 10;

/** A rotated password may still be valid, so it is kept no longer than readers need. */
const SEALED_HISTORY = 1;

/** Whether a bundle holds secrets (P8): a variable of the environment may be one too. */
export function isSealed({
  volumes,
  expand,
}: Pick<Values<typeof bundleKeys>, 'volumes' | 'expand'>): boolean {
  return expand !== undefined || volumes.some(({ secret }) => secret);
}

/**
 * Whether the same content has the same version in each pod. With secrets, the version depends on a key of
 * the pod; with `reloadOn: swap`, on the time of the swap.
 */
export function hasComparableVersions(
  bundle: Pick<Values<typeof bundleKeys>, 'volumes' | 'expand' | 'reloadOn'>,
): boolean {
  return !isSealed(bundle) && bundle.reloadOn !== 'swap';
}

/** The subscribers of a bundle, if it has such a target. */
export function subscribersOf({
  targets,
}: Pick<Values<typeof bundleKeys>, 'targets'>): SubscribersSettings | undefined {
  return targets.flatMap((target) => ('subscribers' in target ? [target.subscribers] : []))[0];
}

/** Whether the app gets its files through the socket alone: lastgood then keeps them for a rollback. */
export function isOverSocket({
  publish,
  expand,
  targets,
}: Pick<Values<typeof bundleKeys>, 'publish' | 'expand' | 'targets'>): boolean {
  if (publish !== undefined || expand !== undefined) return false;
  const isOther = (target: TargetSettings) => !('subscribers' in target || 'restart' in target);
  return subscribersOf({ targets }) !== undefined && !targets.some(isOther);
}

/** Otherwise the processes of a pod would differ after a failed proof (P5). */
const NEEDS_PUBLISH =
  'needs `publish` beside a target other than restart, to restore the last good version; or set onFailure: hold';

function checkSubscribers(bundle: Values<typeof bundleKeys>, report: Report): void {
  const indexes = [...bundle.targets.keys()].filter(
    (at) => 'subscribers' in (bundle.targets[at] ?? {}),
  );
  const [first, ...more] = indexes;
  if (first === undefined) return;
  for (const index of more)
    report(['targets', index], `is the second subscribers target, beside targets[${first}]`);
  if (bundle.reloadOn === 'swap')
    report(['targets', first], 'cannot be combined with reloadOn: swap, which reads no files');
  const { publish, expand, onFailure } = bundle;
  if ((publish ?? expand) === undefined && !isOverSocket(bundle) && onFailure === 'rollback')
    report(['targets', first], NEEDS_PUBLISH);
  if (!isSealed(bundle) || subscribersOf(bundle)?.secrets) return;
  const why = bundle.expand === undefined ? 'has a secret volume' : 'uses `expand`';
  const rule = `needs secrets: true, as the bundle ${why}: each process that may use the socket can read its values`;
  report(['targets', first, 'subscribers'], rule);
}

/** With `reloadOn: swap` lastgood reads nothing, so it cannot check, publish or name anything. */
function checkSwap(bundle: Values<typeof bundleKeys>, report: Report): void {
  const rule = 'cannot be combined with reloadOn: swap, which reads no files';
  if (bundle.confirm?.http?.versionJson !== undefined) report(['confirm', 'http', 'version'], rule);
  if (bundle.confirm?.tls !== undefined) report(['confirm', 'tls'], rule);
  if (bundle.validate.length > 0) report(['validate'], rule);
  if (bundle.prepare.length > 0) report(['prepare'], rule);
  if (bundle.publish !== undefined) report(['publish'], rule);
  if (bundle.expand !== undefined) report(['expand'], rule);
}

export type ExpandSettings = z.output<typeof expandSchema>;

/** A bundle of a document with all its rules checked, before places in the file are known. */
export type CheckedBundle = z.output<typeof bundleSchema>;

export interface BundleSettings extends Omit<CheckedBundle, 'validate'> {
  readonly validate: readonly CheckSettings[];
}

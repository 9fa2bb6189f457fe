import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { formatObject } from '../report/report.ts';
import { type CheckTarget, targetOfObject } from './check-target.ts';
import type { Input } from './inputs.ts';

/**
 * Finds the good version of a target: undefined if there is none, without files if it is an object that
 * has nothing to compare.
 */
export type FindLastGood = (target: CheckTarget, input: Input) => Snapshot | undefined;

/**
 * Matches objects by kind and name, and files by path. If there is only one on each side, their
 * names do not matter.
 */
export function createFindLastGood(old: Input, inputs: readonly Input[]): FindLastGood {
  const targets = inputs.flatMap((input) => input.targets);
  const before = [...old.targets, ...encryptedTargets(old)];
  const [only] = before.length === 1 && targets.length === 1 ? before : [];
  return (target, { whole }) => {
    const found = counterpartOf(target, before) ?? only;
    if (found === undefined) return undefined;
    const { files } = target.snapshot;
    if (hadNoData(found)) return snapshotOf([], 0);
    const compared = filesToCompare(found.snapshot.files, files, whole);
    const open = compared.filter(isComparable(files));
    return open.length === 0 ? undefined : snapshotOf(open, 0);
  };
}

function counterpartOf(
  { object }: CheckTarget,
  old: readonly CheckTarget[],
): CheckTarget | undefined {
  const alike = old.filter(
    ({ object: other }) =>
      object?.kind === other?.kind &&
      stemOf(object?.name) === stemOf(other?.name) &&
      (object?.namespace ?? other?.namespace) === (other?.namespace ?? object?.namespace),
  );
  return alike.find(({ object: other }) => object?.name === other?.name) ?? alike[0];
}

/** Without files: the tool that applies these objects decrypts them. */
function encryptedTargets({ manifests }: Input): readonly CheckTarget[] {
  return manifests.flatMap(({ configs, source }) =>
    configs.flatMap((config) => (config.encrypted ? targetOfObject(config, source) : [])),
  );
}

/** A ConfigMap or Secret may be empty; a file that was is rather a command that failed. */
function hadNoData({ object, snapshot }: CheckTarget): boolean {
  return object !== undefined && snapshot.files.length === 0;
}

/** Says which objects could not be compared, as they had no data, or ciphertext. */
export function emptinessNotes(inputs: readonly Input[], find: FindLastGood): readonly string[] {
  return inputs.flatMap((input) =>
    input.targets.flatMap((target) => {
      const { object } = target;
      if (object === undefined || find(target, input)?.files.length !== 0) return [];
      return [`${formatObject(object)}: there was no data to compare`];
    }),
  );
}

/** A name without the content hash that Kustomize appends. Source: kustomize api/hasher. */
function stemOf(name: string | undefined): string | undefined {
  return name?.replace(/-[2456789bcdfghkmt]{10}$/, '');
}

/** The old files to compare the new ones with. */
function filesToCompare(
  before: readonly SnapshotFile[],
  files: readonly SnapshotFile[],
  whole: boolean,
): readonly SnapshotFile[] {
  if (whole) return before;
  const [file] = files;
  const [old] = before;
  // `old.yaml` and `new.yaml` are two versions of one file.
  if (file !== undefined && old !== undefined && before.length === 1 && files.length === 1)
    return [{ ...old, path: file.path }];
  return before.filter(({ path }) => files.some((each) => each.path === path));
}

/** What a secret file held must not show in a finding about a file that is not secret (P8). */
function isComparable(files: readonly SnapshotFile[]) {
  const open = new Set(files.filter(({ secret }) => !secret).map(({ path }) => path));
  return ({ path, secret }: SnapshotFile): boolean => !(secret && open.has(path));
}

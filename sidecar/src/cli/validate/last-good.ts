import { snapshotOf } from '@lastgood/core/capture/assemble.ts';
import type { Snapshot, SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { Input } from './inputs.ts';
import type { CheckTarget } from './subject.ts';

/** The version of a subject that is good now; undefined where there is none. */
export type FindLastGood = (subject: CheckTarget, input: Input) => Snapshot | undefined;

/**
 * Objects are matched by kind and name, and files by path. Where there is but one of either, they are
 * matched whatever they are called.
 */
export function createFindLastGood(old: Input, inputs: readonly Input[]): FindLastGood {
  const subjects = inputs.flatMap((input) => input.subjects);
  const [only] = old.subjects.length === 1 && subjects.length === 1 ? old.subjects : [];
  return (subject, { whole }) => {
    const found = counterpartOf(subject, old.subjects) ?? only;
    if (found === undefined) return undefined;
    const { files } = subject.snapshot;
    const before = under(found.snapshot.files, files, whole).filter(isComparable(files));
    return before.length === 0 ? undefined : snapshotOf(before, 0, undefined, undefined);
  };
}

function counterpartOf(
  { object }: CheckTarget,
  olds: readonly CheckTarget[],
): CheckTarget | undefined {
  const alike = olds.filter(
    ({ object: other }) =>
      object?.kind === other?.kind &&
      stemOf(object?.name) === stemOf(other?.name) &&
      (object?.namespace ?? other?.namespace) === (other?.namespace ?? object?.namespace),
  );
  return alike.find(({ object: other }) => object?.name === other?.name) ?? alike[0];
}

/** Without the hash of its content that Kustomize ends a name with. Source: kustomize api/hasher. */
function stemOf(name: string | undefined): string | undefined {
  return name?.replace(/-[2456789bcdfghkmt]{10}$/, '');
}

/** The old files, as far as the new ones are all that there is. */
function under(
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

/** What a secret held must not be told beside a file that is none (P8). */
function isComparable(files: readonly SnapshotFile[]) {
  const open = new Set(files.filter(({ secret }) => !secret).map(({ path }) => path));
  return ({ path, secret }: SnapshotFile): boolean => !(secret && open.has(path));
}

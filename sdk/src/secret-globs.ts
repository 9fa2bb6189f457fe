import { filterOf } from '@lastgood/core/fs/globs.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** Patterns for a glob of the app, which may name a directory with all that is in it. */
export function patternsOf(glob: string): readonly string[] {
  const tidy = glob.replace(/^\.\//, '').replace(/\/$/, '');
  return [tidy, `${tidy}/**`];
}

/** The globs that match no file: a wrong one shows the values of what it was to hide. */
export function unmatchedGlobs(
  globs: readonly string[],
  files: readonly SnapshotFile[],
): readonly string[] {
  return globs.filter((glob) => {
    const { includes } = filterOf({ include: patternsOf(glob), exclude: [] });
    return !files.some(({ path }) => includes(path));
  });
}

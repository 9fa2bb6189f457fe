import picomatch from 'picomatch';
import type { VolumeSettings } from '../model/volume-settings.ts';

/** Which files of a volume belong in the snapshot, by their path in the volume. */
export interface Filter {
  /** Whether to read the file with this path. */
  includes(path: string): boolean;
  /** Whether to leave out this path and everything below it. */
  skips(path: string): boolean;
}

/** Compiles `include` and `exclude`; a directory that matches `exclude` is left out as a whole. */
export function filterOf({
  include,
  exclude,
}: Pick<VolumeSettings, 'include' | 'exclude'>): Filter {
  const skips = exclude.length === 0 ? () => false : picomatch([...exclude], { dot: true });
  if (include.length === 1 && include[0] === '**') {
    return { skips, includes: (path) => !skips(path) };
  }
  const included = picomatch([...include], { dot: true });
  return { skips, includes: (path) => included(path) && !skips(path) };
}

/** Whether the file at a path of a volume belongs in the snapshot. */
export function includesFile(
  volume: Pick<VolumeSettings, 'include' | 'exclude'>,
  path: string,
): boolean {
  const { includes, skips } = filterOf(volume);
  // `a` and `a/b` for `a/b/c`.
  const parents = [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
  return includes(path) && !parents.some(skips);
}

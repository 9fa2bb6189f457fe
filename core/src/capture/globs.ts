import picomatch from 'picomatch';
import type { VolumeSettings } from '../model/volume-settings.ts';

/** What of a volume belongs into the snapshot, by the path inside the volume. */
export interface Filter {
  /** A file with this path is read. */
  wants(path: string): boolean;
  /** Nothing at or below this path is read, nor even looked at. */
  skips(path: string): boolean;
}

const EVERYTHING = '**';

/** Compiles `include` and `exclude`; a directory that `exclude` names is left out as a whole. */
export function filterOf({ include, exclude }: VolumeSettings): Filter {
  const skips = exclude.length === 0 ? () => false : picomatch([...exclude], { dot: true });
  if (include.length === 1 && include[0] === EVERYTHING) {
    return { skips, wants: (path) => !skips(path) };
  }
  const included = picomatch([...include], { dot: true });
  return { skips, wants: (path) => included(path) && !skips(path) };
}

import { lstat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The kubelet's layout of a volume's directory, which `source` watches, `capture` reads and
 * `publish` writes: `..data` is a symbolic link to the directory `..YYYY_MM_DD_HH_MM_SS.NNNN` that
 * holds the files, and every top-level name is a link through it (`config.yaml` →
 * `..data/config.yaml`). One rename of `..data` swaps all of them at once.
 * Source: kubelet pkg/volume/util/atomic_writer.go.
 */

/** The link whose rename is the swap. */
export const DATA_LINK = '..data';

/** The link that is renamed over `..data`; if it is left behind, it marks an unfinished write. */
export const NEXT_DATA_LINK = '..data_tmp';

/** Whether a directory has a link `..data`, wherever it leads. Never rejects. */
export async function hasDataLink(directory: string): Promise<boolean> {
  const stats = await lstat(join(directory, DATA_LINK)).catch(() => undefined);
  return stats?.isSymbolicLink() ?? false;
}

/** Names that begin with two dots belong to the layout; the API server refuses them as keys. */
export function isLayoutName(name: string): boolean {
  return name.startsWith('..');
}

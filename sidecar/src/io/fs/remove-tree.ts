import { type DirectoryHandle, openDirectory } from '@lastgood/core/fs/directory-handle.ts';
import type { FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';

/** Entries to remove at a time, however many there are. */
const BATCH = 256;

/** Ends the work on a directory that another process fills as fast as it is emptied. */
const MAX_BATCHES = 4_096;

/** Each level holds an open directory. Deeper than any snapshot. */
const MAX_DEPTH = 64;

/**
 * Removes an entry of a directory, with all that is in it; does nothing if it does not exist. Never
 * follows a link, even one that replaces a directory meanwhile: others may write here. Rejects with the
 * system's error.
 */
export async function removeTree(
  parent: Pick<DirectoryHandle, 'at'>,
  name: string,
  fs: FsAdapter,
  depth = 0,
): Promise<void> {
  const directory = await openDirectory(parent.at(name), fs).catch(ignoreNoDirectory);
  if (directory === undefined) return unlinkIfAny(parent.at(name), fs);
  try {
    if (depth === MAX_DEPTH) throw new RangeError('its directories are nested too deep');
    await empty(directory, fs, depth);
  } finally {
    directory.close();
  }
  await fs.rmdir(parent.at(name)).catch(ignoreMissing);
}

async function empty(directory: DirectoryHandle, fs: FsAdapter, depth: number): Promise<void> {
  for (let round = 0; round < MAX_BATCHES; round++) {
    const files: string[] = [];
    const directories: string[] = [];
    await fs.readdir(directory.at('.'), (entry) => {
      (entry.isDirectory() ? directories : files).push(entry.name);
      return files.length + directories.length < BATCH;
    });
    if (files.length + directories.length === 0) return;
    await allSettledOrThrow(files.map((name) => unlinkIfAny(directory.at(name), fs)));
    for (const name of directories) await removeTree(directory, name, fs, depth + 1);
  }
  throw new RangeError('it is filled as fast as it is emptied');
}

/** Removes a link or file, if it exists. Rejects with the system's error. */
export async function unlinkIfAny(path: string, fs: FsAdapter): Promise<void> {
  await fs.unlink(path).catch(ignoreMissing);
}

/** For `catch`. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** For `catch` of `openDirectory`: undefined for nothing, a link or a file. */
export function ignoreNoDirectory(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOTDIR' && error.code !== 'ELOOP') ignoreMissing(error);
}

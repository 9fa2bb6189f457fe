import { constants, existsSync } from 'node:fs';
import type { FsAdapter } from './fs-adapter.ts';

/**
 * An open directory. Paths from `at` lead into it whatever is renamed or linked over its own path
 * meanwhile; only the last part of a path can then be a link, and the calls that write or remove do not
 * follow that. Node has no `openat`. Source: proc_pid_fd(5).
 */
export interface DirectoryHandle {
  readonly fd: number;
  /** The path of an entry. */
  at(name: string): string;
  close(): void;
}

const DESCRIPTORS = '/proc/self/fd';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** For a directory of lastgood's own inside one that others may write: never a link. */
export const NO_LINK = DIRECTORY | constants.O_NOFOLLOW;

/** For the path of a directory from the settings, which may contain links. */
export const THROUGH_LINKS = DIRECTORY;

/**
 * Opens a directory; with `NO_LINK` a link rejects with ENOTDIR or ELOOP. On a system without `/proc`
 * (a laptop that does not run Linux), `at` returns the usual path. Rejects with the system's error.
 */
export async function openDirectory(
  path: string,
  fs: Pick<FsAdapter, 'open' | 'close'>,
  flags: typeof NO_LINK | typeof THROUGH_LINKS = NO_LINK,
): Promise<DirectoryHandle> {
  const fd = await fs.open(path, flags);
  const base = descriptorPath(fd) ?? path;
  return { fd, at: (name) => `${base}/${name}`, close: () => fs.close(fd) };
}

/** Opens a directory for `work`, and closes it. Rejects with the system's error, or as `work` does. */
export async function withDirectory<Result>(
  path: string,
  fs: Pick<FsAdapter, 'open' | 'close'>,
  work: (directory: DirectoryHandle) => Promise<Result>,
  flags?: typeof NO_LINK | typeof THROUGH_LINKS,
): Promise<Result> {
  const directory = await openDirectory(path, fs, flags);
  try {
    return await work(directory);
  } finally {
    directory.close();
  }
}

/** The link that shows where an open file is; undefined on a system without such links. */
export function descriptorPath(fd: number): string | undefined {
  hasDescriptors ??= existsSync(DESCRIPTORS);
  return hasDescriptors ? `${DESCRIPTORS}/${fd}` : undefined;
}

let hasDescriptors: boolean | undefined;

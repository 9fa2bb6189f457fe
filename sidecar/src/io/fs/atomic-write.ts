import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { asyncFs, type FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/** Until `mode` is set, so that a secret is never readable by other users. */
const INITIAL_MODE = 0o600;

/** Some file systems (FUSE, 9p) cannot sync a directory, so there is nothing to wait for. */
const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS']);

/**
 * Creates a file, which must not exist yet, with exactly `mode` whatever the umask is, and waits until
 * its bytes are on disk. Its name is on disk only after `syncDirectory` of its directory. Rejects with
 * the system's error.
 */
export async function createFile(path: string, bytes: Buffer, mode: number, fs = asyncFs) {
  await writeFile(path, constants.O_EXCL, bytes, mode, fs);
}

/**
 * Replaces a file, or creates it. A reader, also after a power cut, finds all of the old bytes or all
 * of the new ones. One writer at a time for each path: it writes `<path>.tmp` first, which a killed
 * writer may leave behind and the next one overwrites. Rejects with the system's error; the old file then
 * remains.
 */
export async function replaceFile(path: string, bytes: Buffer, mode: number, fs = asyncFs) {
  const replace = await prepareFile(path, bytes, mode, fs);
  await replace();
}

/**
 * The first half of {@link replaceFile}, which returns the second. A full disk or a missing directory
 * fails the first half, before a reader can see any change.
 */
export async function prepareFile(
  path: string,
  bytes: Buffer,
  mode: number,
  fs = asyncFs,
): Promise<() => Promise<void>> {
  const next = `${path}.tmp`;
  await writeFile(next, constants.O_TRUNC, bytes, mode, fs);
  return async () => {
    await fs.rename(next, path);
    await syncDirectory(dirname(path), fs);
  };
}

/** Waits until the names in a directory are on disk. Rejects with the system's error. */
export async function syncDirectory(path: string, fs: FsAdapter = asyncFs): Promise<void> {
  const fd = await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await fs.fsync(fd);
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    fs.close(fd);
  }
}

async function writeFile(path: string, flags: number, bytes: Buffer, mode: number, fs: FsAdapter) {
  const fd = await fs.open(path, CREATE | flags, INITIAL_MODE);
  try {
    await allSettledOrThrow([fs.fchmod(fd, mode), writeAll(fd, bytes, fs)]);
    await fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

/** A call may write fewer bytes than asked for, for example if the disk becomes full. */
async function writeAll(fd: number, bytes: Buffer, fs: FsAdapter): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await fs.write(fd, bytes, written);
}

import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { THROUGH_LINKS, withDirectory } from '@lastgood/core/fs/directory-handle.ts';
import { asyncFs, type FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';

/** Only a new file: one that is there already may be a link, a FIFO, or a second name of another. */
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;

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
  const fd = await fs.open(path, CREATE, INITIAL_MODE);
  try {
    await allSettledOrThrow([fs.fchmod(fd, mode), writeAll(fd, bytes, fs)]);
    await fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

/**
 * Replaces a file, or creates it. A reader, also after a power cut, finds all of the old bytes or all
 * of the new ones. One writer at a time for each path: it writes `<path>.tmp` first, which a killed
 * writer may leave behind and the next one removes. Rejects with the system's error; the old file then
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
  await createFile(next, bytes, mode, fs).catch(async (error) => {
    if (error.code !== 'EEXIST') throw error;
    await fs.unlink(next);
    await createFile(next, bytes, mode, fs);
  });
  return async () => {
    await fs.rename(next, path);
    await syncDirectory(dirname(path), fs);
  };
}

/** Waits until the names in a directory are on disk. Rejects with the system's error. */
export async function syncDirectory(path: string, fs: FsAdapter = asyncFs): Promise<void> {
  await withDirectory(path, fs, ({ fd }) => syncOpenDirectory(fd, fs), THROUGH_LINKS);
}

/** The same for a directory that is open. */
export async function syncOpenDirectory(fd: number, fs: FsAdapter): Promise<void> {
  await fs.fsync(fd).catch((error: NodeJS.ErrnoException) => {
    if (!NO_DIRECTORY_SYNC.has(error.code ?? '')) throw error;
  });
}

/** A call may write fewer bytes than asked for, for example if the disk becomes full. */
async function writeAll(fd: number, bytes: Buffer, fs: FsAdapter): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await fs.write(fd, bytes, written);
}

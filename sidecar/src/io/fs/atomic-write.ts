import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { asyncFs, type FsAdapter } from '@lastgood/core/fs/fs-adapter.ts';
import { allSettledOrThrow } from '@lastgood/core/fs/map-concurrent.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;

/** Readable by nobody else until `mode` is set, so a secret is at no moment open to others. */
const PRIVATE_MODE = 0o600;

/** Some file systems (FUSE, 9p) cannot sync a directory; then there is nothing to wait for. */
const NO_DIRECTORY_SYNC: ReadonlySet<string> = new Set(['EINVAL', 'ENOTSUP', 'ENOSYS']);

/**
 * Creates a file, which must not exist yet, with exactly `mode` whatever the umask is, and waits
 * until its bytes are on disk. Its name is only there after `syncDirectory` of its directory.
 * Rejects with the system's error.
 */
export async function createFile(
  path: string,
  bytes: Buffer,
  mode: number,
  calls: FsAdapter = asyncFs,
): Promise<void> {
  await writeFile(path, constants.O_EXCL, bytes, mode, calls);
}

/**
 * Replaces a file, or creates it, so that a reader and a power cut find all of the old bytes or all
 * of the new ones. One writer at a time for each path: it goes through `<path>.tmp`, which a killed
 * writer may leave behind and the next one overwrites. Rejects with the system's error; the old
 * file then still stands.
 */
export async function replaceFile(
  path: string,
  bytes: Buffer,
  mode: number,
  calls: FsAdapter = asyncFs,
): Promise<void> {
  const put = await prepareFile(path, bytes, mode, calls);
  await put();
}

/**
 * The first half of {@link replaceFile}, and what does the second: by then all that can go wrong for
 * want of room or of a directory has gone wrong, and no reader has seen anything yet.
 */
export async function prepareFile(
  path: string,
  bytes: Buffer,
  mode: number,
  calls: FsAdapter = asyncFs,
): Promise<() => Promise<void>> {
  const next = `${path}.tmp`;
  await writeFile(next, constants.O_TRUNC, bytes, mode, calls);
  return async () => {
    await calls.rename(next, path);
    await syncDirectory(dirname(path), calls);
  };
}

/** Waits until the names in a directory are on disk. Rejects with the system's error. */
export async function syncDirectory(path: string, calls: FsAdapter = asyncFs): Promise<void> {
  const fd = await calls.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await calls.fsync(fd);
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    calls.close(fd);
  }
}

async function writeFile(
  path: string,
  flags: number,
  bytes: Buffer,
  mode: number,
  calls: FsAdapter,
): Promise<void> {
  const fd = await calls.open(path, CREATE | flags, PRIVATE_MODE);
  try {
    await allSettledOrThrow([calls.fchmod(fd, mode), writeAll(fd, bytes, calls)]);
    await calls.fsync(fd);
  } finally {
    calls.close(fd);
  }
}

/** A write may take fewer bytes than it was given, most of all on a disk that runs full. */
async function writeAll(fd: number, bytes: Buffer, calls: FsAdapter): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await calls.write(fd, bytes, written);
}

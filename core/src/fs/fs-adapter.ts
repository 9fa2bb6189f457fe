import * as fs from 'node:fs';
import * as files from 'node:fs/promises';
import { promisify } from 'node:util';

const BIGINT = { bigint: true } as const;

/** Entries that the system returns at a time. */
const AT_A_TIME = { bufferSize: 128 } as const;

const readFd = promisify(fs.read);
const writeFd = promisify(fs.write);
const fstatFd = promisify(fs.fstat);

/**
 * The file system, on libuv's threads: for disks and networks, which can take any time to respond. With
 * file descriptors, because `FileHandle`s cost a quarter more for each call.
 */
export const asyncFs = {
  open: promisify(fs.open) as (path: string, flags: number, mode?: number) => Promise<number>,
  fstat: (fd: number) => fstatFd(fd, BIGINT),
  /** Returns how many bytes it read, which may be fewer; 0 at the end of the file. */
  read: async (fd: number, into: Buffer, offset: number, length: number, position: number) =>
    (await readFd(fd, into, offset, length, position)).bytesRead,
  /** Returns how many bytes it wrote, which may be fewer. */
  write: async (fd: number, bytes: Buffer, offset: number) =>
    (await writeFd(fd, bytes, offset, bytes.length - offset, offset)).bytesWritten,
  fchmod: promisify(fs.fchmod),
  fsync: promisify(fs.fsync),
  /** Does not wait: that would cost as much as a read, and show nothing that `fsync` has not shown. */
  close: (fd: number) => fs.close(fd, () => {}),
  lstat: (path: string) => files.lstat(path, BIGINT),
  /**
   * Calls `onEntry` for each entry, until it returns false. Never holds a whole directory: a
   * process that may write into it could make it larger than the memory of the sidecar.
   */
  readdir: async (path: string, onEntry: (entry: fs.Dirent) => boolean): Promise<void> => {
    const dir = await files.opendir(path, AT_A_TIME);
    try {
      let entry = await dir.read();
      while (entry !== null && onEntry(entry)) entry = await dir.read();
    } finally {
      // Does not wait, as `close` above.
      dir.close().catch(() => {});
    }
  },
  realpath: promisify(fs.realpath.native) as (path: string) => Promise<string>,
  readlink: (path: string) => files.readlink(path),
  mkdir: (path: string, mode: number) => files.mkdir(path, mode),
  symlink: (target: string, path: string) => files.symlink(target, path),
  rename: (from: string, to: string) => files.rename(from, to),
  unlink: (path: string) => files.unlink(path),
  rmdir: (path: string) => files.rmdir(path),
};

export type FsAdapter = typeof asyncFs;

/**
 * The same on the calling thread: a call takes 2 to 5 µs instead of the 50 to 100 for the way to a
 * thread and back. Only for file systems in memory, which never block (`inMemory`).
 */
export const syncFs: FsAdapter = {
  open: async (path, flags, mode) => fs.openSync(path, flags, mode),
  fstat: async (fd) => fs.fstatSync(fd, BIGINT),
  read: async (fd, into, offset, length, position) =>
    fs.readSync(fd, into, offset, length, position),
  write: async (fd, bytes, offset) =>
    fs.writeSync(fd, bytes, offset, bytes.length - offset, offset),
  fchmod: async (fd, mode) => fs.fchmodSync(fd, mode),
  fsync: async (fd) => fs.fsyncSync(fd),
  close: (fd) => fs.closeSync(fd),
  lstat: async (path) => fs.lstatSync(path, BIGINT),
  readdir: async (path, onEntry) => {
    const dir = fs.opendirSync(path, AT_A_TIME);
    try {
      let entry = dir.readSync();
      while (entry !== null && onEntry(entry)) entry = dir.readSync();
    } finally {
      dir.closeSync();
    }
  },
  realpath: async (path) => fs.realpathSync.native(path),
  readlink: async (path) => fs.readlinkSync(path),
  mkdir: async (path, mode) => fs.mkdirSync(path, mode) as undefined,
  symlink: async (target, path) => fs.symlinkSync(target, path),
  rename: async (from, to) => fs.renameSync(from, to),
  unlink: async (path) => fs.unlinkSync(path),
  rmdir: async (path) => fs.rmdirSync(path),
};

/** Source: linux/magic.h, TMPFS_MAGIC and RAMFS_MAGIC. */
const MEMORY_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);

/** Paths that are in memory; they come only from the settings, so there are few. */
const known = new Set<string>();

/**
 * Whether a path is in memory: a Secret's volume, or an emptyDir with `medium: Memory`. Remembers those
 * that are, because the mounts of a container are made before it starts; so only the first call needs a
 * thread. Rejects with the system's error if the path does not exist.
 */
export async function inMemory(path: string): Promise<boolean> {
  if (known.has(path)) return true;
  const isMemory = MEMORY_FILE_SYSTEMS.has((await files.statfs(path)).type);
  if (isMemory) known.add(path);
  return isMemory;
}

/** Whether `inMemory` has returned true before. */
export function isKnownInMemory(path: string): boolean {
  return known.has(path);
}

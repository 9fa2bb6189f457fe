import { hash } from 'node:crypto';
import { constants, readlinkSync } from 'node:fs';
import { descriptorPath } from '../fs/directory-handle.ts';
import { isInside } from '../fs/is-inside.ts';
import { findingOf } from '../model/error.ts';
import { MAX_INLINE_BYTES, type SnapshotFile } from '../model/snapshot.ts';
import type { ReadFs } from './limiter.ts';
import { kindOf, type Listed } from './list.ts';
import {
  addFinding,
  addFindingOnce,
  ChangedDuringRead,
  type ReadAttempt,
  unreadableReason,
} from './read-attempt.ts';
import { recordFingerprint } from './stat-fingerprint.ts';

/** Does not follow a link that has replaced the file, nor wait for the writer of a FIFO. */
const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads one file; undefined with a finding if it cannot be read. A file that is equal to the one in the
 * last snapshot is the same object. Throws `ChangedDuringRead` if the file changes meanwhile.
 */
export async function readListed(
  listed: Listed,
  attempt: ReadAttempt,
  lane: number,
): Promise<SnapshotFile | undefined> {
  const { fs } = listed.volume;
  let fd: number | undefined;
  try {
    fd = await fs.open(listed.diskPath, OPEN);
    refuseOutside(fd, listed);
    return await readOpen(fd, listed, attempt, lane);
  } catch (error) {
    const reason = unreadableReason(error, listed.diskPath);
    addFinding(attempt, 'LG_CAPTURE_UNREADABLE', [reason], listed.path);
    return undefined;
  } finally {
    if (fd !== undefined) fs.close(fd);
  }
}

/**
 * Throws `ChangedDuringRead` if the open file is not in the volume: a directory on the way to it became
 * a link after it was listed. Asks the kernel where the file is, because the path may lead elsewhere by
 * now. Never waits for a disk. Source: proc_pid_fd(5).
 */
function refuseOutside(fd: number, { volume, path, diskPath }: Listed): void {
  const link = descriptorPath(fd);
  if (link === undefined) return;
  const real = readlinkSync(link);
  // The kernel marks a file without a name, but a name may also end like that.
  const isIn = [real, real.replace(/ \(deleted\)$/, '')].some((each) =>
    isInside(volume.root, each),
  );
  if (isIn) return;
  throw new ChangedDuringRead(diskPath, findingOf('LG_CAPTURE_OUTSIDE', [], { file: path }));
}

async function readOpen(
  fd: number,
  listed: Listed,
  attempt: ReadAttempt,
  lane: number,
): Promise<SnapshotFile | undefined> {
  const { volume, path, diskPath, canChange } = listed;
  const scratch = attempt.scratch[lane] as Buffer;
  const statting = volume.fs.fstat(fd);
  // The fingerprint must be older than the bytes, or a write between the two would never show. A file
  // that cannot change needs no order.
  if (canChange) await statting.catch(() => {});
  const reading = volume.fs.read(fd, scratch, 0, scratch.length, 0);
  const [stats, first] = await Promise.allSettled([statting, reading]);
  if (stats.status === 'rejected') throw stats.reason;
  if (stats.value.isDirectory()) throw new ChangedDuringRead(diskPath);
  if (!stats.value.isFile()) {
    addFinding(attempt, 'LG_CAPTURE_KIND', [kindOf(stats.value)], path);
    return undefined;
  }
  const sizeBytes = Number(stats.value.size);
  attempt.sizeBytes += sizeBytes;
  if (attempt.sizeBytes > attempt.maxSizeBytes) {
    addFindingOnce(attempt, 'LG_CAPTURE_TOO_LARGE', [formatSize(attempt.maxSizeBytes)]);
    return undefined;
  }
  if (first.status === 'rejected') throw first.reason;
  if (canChange) recordFingerprint(volume.fingerprints, diskPath, stats.value, attempt);
  const old = attempt.previous.get(path);
  const source = { fd, fs: volume.fs, scratch, sizeBytes, diskPath };
  const bytes = await contentOf(source, first.value, old?.bytes);
  const mode = Number(stats.value.mode & 0o777n);
  const { secret } = volume.settings;
  const isSame = bytes === old?.bytes;
  if (isSame && mode === old.mode && secret === old.secret) return old;
  const sha256 = isSame ? old.sha256 : hash('sha256', bytes, 'hex');
  return Object.freeze({ path, mode, bytes, sha256, secret });
}

interface Source {
  readonly fd: number;
  readonly fs: ReadFs;
  readonly scratch: Buffer;
  /** When the file was opened; no more is read. */
  readonly sizeBytes: number;
  readonly diskPath: string;
}

/** The bytes of the file; `old` itself if they are equal. */
async function contentOf(source: Source, first: number, old: Buffer | undefined): Promise<Buffer> {
  const { fd, fs, scratch, sizeBytes, diskPath } = source;
  let count = first;
  let at = 0;
  if (old?.length === sizeBytes) {
    while (at + count <= sizeBytes && scratch.compare(old, at, at + count, 0, count) === 0) {
      at += count;
      if (at === sizeBytes) return old;
      count = await fs.read(fd, scratch, 0, scratch.length, at);
      if (count === 0) throw new ChangedDuringRead(diskPath);
    }
  }
  // It has grown.
  if (at + count > sizeBytes) throw new ChangedDuringRead(diskPath);
  const bytes =
    sizeBytes > MAX_INLINE_BYTES
      ? Buffer.from(new SharedArrayBuffer(sizeBytes))
      : Buffer.allocUnsafeSlow(sizeBytes);
  old?.copy(bytes, 0, 0, at);
  scratch.copy(bytes, at, 0, count);
  for (at += count; at < sizeBytes; at += count) {
    count = await fs.read(fd, bytes, at, sizeBytes - at, at);
    // It has shrunk.
    if (count === 0) throw new ChangedDuringRead(diskPath);
  }
  return bytes;
}

/** As in the settings: `4Mi`. */
function formatSize(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}Mi`;
  return bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10}Ki` : `${bytes} bytes`;
}

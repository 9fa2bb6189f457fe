import { hash } from 'node:crypto';
import { constants } from 'node:fs';
import { reasonOf } from '../model/error.ts';
import type { SnapshotFile } from '../model/snapshot.ts';
import type { ReadFs } from './limiter.ts';
import { kindOf, type Listed } from './list.ts';
import {
  addFinding,
  addFindingOnce,
  ChangedDuringRead,
  isGone,
  type ReadAttempt,
} from './read-attempt.ts';
import { recordFingerprint } from './stat-fingerprint.ts';

/** Neither a link that took the file's place is followed, nor does opening a FIFO wait. */
const OPEN = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A larger file is checked in a thread of its own, which then has these very bytes and no copy. */
const SHARED_FROM_BYTES = 32 * 2 ** 10;

/**
 * Reads one file; undefined with a finding where that cannot be done. A file whose bytes are those
 * of the last snapshot is compared and not kept a second time: then it is the very same object.
 * Throws `ChangedDuringRead` where the file changes meanwhile.
 */
export async function readListed(
  listed: Listed,
  attempt: ReadAttempt,
  lane: number,
): Promise<SnapshotFile | undefined> {
  const { calls } = listed.volume;
  let fd: number | undefined;
  try {
    fd = await calls.open(listed.diskPath, OPEN);
    return await readOpen(fd, listed, attempt, lane);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without a code it is none of the system's errors but our own `ChangedDuringRead` or `LimiterClosed`.
    if (code === undefined) throw error;
    if (isGone(error)) throw new ChangedDuringRead(listed.diskPath);
    addFinding(attempt, 'LG_CAPTURE_UNREADABLE', [reasonOf(error)], listed.path);
    return undefined;
  } finally {
    if (fd !== undefined) calls.close(fd);
  }
}

async function readOpen(
  fd: number,
  listed: Listed,
  attempt: ReadAttempt,
  lane: number,
): Promise<SnapshotFile | undefined> {
  const { volume, path, diskPath, isStamped } = listed;
  const scratch = attempt.scratch[lane] as Buffer;
  const statting = volume.calls.fstat(fd);
  // A stamp must be older than the bytes, or a write between the two would never show. Where
  // nothing is written any more, both are fetched at once; this piece is small, whatever the file is.
  if (isStamped) await statting.catch(() => {});
  const reading = volume.calls.read(fd, scratch, 0, scratch.length, 0);
  const [stats, first] = await Promise.allSettled([statting, reading]);
  if (stats.status === 'rejected') throw stats.reason;
  if (stats.value.isDirectory()) throw new ChangedDuringRead(diskPath);
  if (!stats.value.isFile()) {
    addFinding(attempt, 'LG_CAPTURE_KIND', [kindOf(stats.value)], path);
    return undefined;
  }
  const sizeBytes = Number(stats.value.size);
  if (!hasRoom(attempt, sizeBytes)) return undefined;
  if (first.status === 'rejected') throw first.reason;
  if (isStamped) recordFingerprint(volume.fingerprints, diskPath, stats.value, attempt);
  const old = attempt.previous.get(path);
  const source = { fd, calls: volume.calls, scratch, sizeBytes, diskPath };
  const bytes = await contentOf(source, first.value, old?.bytes);
  const mode = Number(stats.value.mode & 0o777n);
  return fileOf(path, mode, bytes, volume.settings.secret, old);
}

/** Counts a file in; false, with a finding, once the snapshot is larger than it may be. */
function hasRoom(attempt: ReadAttempt, sizeBytes: number): boolean {
  attempt.sizeBytes += sizeBytes;
  if (attempt.sizeBytes <= attempt.maxSizeBytes) return true;
  addFindingOnce(attempt, 'LG_CAPTURE_TOO_LARGE', [formatSize(attempt.maxSizeBytes)]);
  return false;
}

interface Source {
  readonly fd: number;
  readonly calls: ReadFs;
  readonly scratch: Buffer;
  /** As the file system said when it was opened; not a byte more is read. */
  readonly sizeBytes: number;
  readonly diskPath: string;
}

/** The file's bytes: `old` itself where they are the same. */
async function contentOf(source: Source, first: number, old: Buffer | undefined): Promise<Buffer> {
  const { fd, calls, scratch, sizeBytes, diskPath } = source;
  let count = first;
  let at = 0;
  if (old?.length === sizeBytes) {
    while (at + count <= sizeBytes && scratch.compare(old, at, at + count, 0, count) === 0) {
      at += count;
      if (at === sizeBytes) return old;
      count = await calls.read(fd, scratch, 0, scratch.length, at);
      if (count === 0) throw new ChangedDuringRead(diskPath);
    }
  }
  // Longer than it was a moment ago.
  if (at + count > sizeBytes) throw new ChangedDuringRead(diskPath);
  const bytes = spaceFor(sizeBytes);
  old?.copy(bytes, 0, 0, at);
  scratch.copy(bytes, at, 0, count);
  for (at += count; at < sizeBytes; at += count) {
    count = await calls.read(fd, bytes, at, sizeBytes - at, at);
    // Shorter than it was.
    if (count === 0) throw new ChangedDuringRead(diskPath);
  }
  return bytes;
}

function spaceFor(sizeBytes: number): Buffer {
  return sizeBytes > SHARED_FROM_BYTES
    ? Buffer.from(new SharedArrayBuffer(sizeBytes))
    : Buffer.allocUnsafeSlow(sizeBytes);
}

function fileOf(
  path: string,
  mode: number,
  bytes: Buffer,
  secret: boolean,
  old: SnapshotFile | undefined,
): SnapshotFile {
  const isSame = bytes === old?.bytes;
  if (isSame && mode === old.mode && secret === old.secret) return old;
  const sha256 = isSame ? old.sha256 : hash('sha256', bytes, 'hex');
  return Object.freeze({ path, mode, bytes, sha256, secret });
}

/** As it stands in the settings: `4Mi`. */
function formatSize(bytes: number): string {
  if (bytes % 2 ** 20 === 0) return `${bytes / 2 ** 20}Mi`;
  return bytes % 2 ** 10 === 0 ? `${bytes / 2 ** 10}Ki` : `${bytes} bytes`;
}

import { posix } from 'node:path';
import type { Snapshot, SnapshotFile } from '../model/snapshot.ts';
import { addFinding, type ReadAttempt } from './read-attempt.ts';
import { byPath, versionOf } from './version.ts';

/** Complains of each path that two volumes hold, and of each that is a file here, a directory there. */
export function addCollisions(files: readonly SnapshotFile[], attempt: ReadAttempt): void {
  const paths = new Set<string>();
  const collisions = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) collisions.add(path);
    paths.add(path);
  }
  for (const { path } of files) {
    for (let at = posix.dirname(path); at !== '.'; at = posix.dirname(at)) {
      if (paths.has(at)) collisions.add(at);
    }
  }
  for (const path of collisions) addFinding(attempt, 'LG_CAPTURE_COLLISION', [], path);
}

/** Puts the snapshot together; with the files of `previous`, it shares its list and its version. */
export function snapshotOf(
  unsorted: readonly SnapshotFile[],
  writtenAtMs: number,
  versionKey: Buffer | undefined,
  previous: Snapshot | undefined,
): Snapshot {
  const files = unsorted.toSorted(byPath);
  if (previous !== undefined && isSame(files, previous.files)) {
    return previous.writtenAtMs === writtenAtMs
      ? previous
      : Object.freeze({ ...previous, writtenAtMs });
  }
  return Object.freeze({
    version: versionOf(files, versionKey),
    files: Object.freeze(files),
    sizeBytes: files.reduce((sum, { bytes }) => sum + bytes.length, 0),
    writtenAtMs,
  });
}

function isSame(files: readonly SnapshotFile[], others: readonly SnapshotFile[]): boolean {
  return files.length === others.length && files.every((file, index) => file === others[index]);
}

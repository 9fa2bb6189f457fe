import { posix } from 'node:path';
import type { Snapshot, SnapshotFile } from '../model/snapshot.ts';
import { addFinding, type ReadAttempt } from './read-attempt.ts';
import { byPath, versionOf } from './version.ts';

/** Adds a finding for each path that is in two volumes, or that is a file in one and a directory in another. */
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

/** Builds the snapshot; with the files of `previous` it shares their list and version. */
export function snapshotOf(
  unsorted: readonly SnapshotFile[],
  writtenAtMs: number,
  versionKey?: Buffer,
  previous?: Snapshot,
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

import { createHash, createHmac } from 'node:crypto';
import { posix } from 'node:path';
import type { Snapshot, SnapshotFile, Version } from '../model/snapshot.ts';
import { addFinding, type ReadAttempt } from './read-attempt.ts';

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
  const isSame = (file: SnapshotFile, index: number) => file === previous?.files[index];
  if (files.length === previous?.files.length && files.every(isSame)) {
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

/** Orders paths by their UTF-8 bytes, which is not the order of JavaScript's UTF-16 strings. */
function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

/**
 * The version of a snapshot: SHA-256, or HMAC-SHA-256 under `versionKey`, over one line for each file
 * in the order of the paths' UTF-8 bytes: the path in UTF-8, a NUL byte, the 64 hex digits of the
 * SHA-256 of its bytes, a line feed. Without times and modes, so that the same content has the same
 * version everywhere.
 */
export function versionOf(
  files: readonly Pick<SnapshotFile, 'path' | 'sha256'>[],
  versionKey?: Buffer,
): Version {
  const hash = versionKey === undefined ? createHash('sha256') : createHmac('sha256', versionKey);
  for (const { path, sha256 } of files.toSorted(byPath)) hash.update(`${path}\0${sha256}\n`);
  return `sha256:${hash.digest('hex')}`;
}

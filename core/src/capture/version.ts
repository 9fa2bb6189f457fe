import { createHash, createHmac } from 'node:crypto';
import type { SnapshotFile, Version } from '../model/snapshot.ts';

/** Orders paths by their UTF-8 bytes, which is not the order of JavaScript's UTF-16 strings. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
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

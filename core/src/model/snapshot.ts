/**
 * Names a snapshot's content: `sha256:` and 64 hex digits. The same content has the same version
 * everywhere, unless a volume is secret: then it is an HMAC under a key of that pod.
 */
export type Version = `sha256:${string}`;

export function isVersion(value: unknown): value is Version {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}

/**
 * A larger file is checked in a worker thread, which shares its bytes with the snapshot. Parsing a file of
 * this size takes up to 15 MB, which the heap of the sidecar has to spare.
 */
export const MAX_INLINE_BYTES = 32 * 2 ** 10;

/** One file of a version. Never changed once created. */
export interface VersionFile {
  /** Path inside the snapshot with `/` between its parts: `config.yaml`, `db/password`. */
  readonly path: string;
  /** Permission bits only (`0o644`). Not part of the version. */
  readonly mode: number;
  readonly bytes: Buffer;
  /** From a volume with `secret: true`. */
  readonly secret: boolean;
}

export interface SnapshotFile extends VersionFile {
  /** SHA-256 of `bytes`, 64 hex digits. Of a secret file it must not be shown either (P8). */
  readonly sha256: string;
}

/** The immutable content of a bundle's volumes at one moment. */
export interface Snapshot {
  readonly version: Version;
  /** In the byte order of their paths. */
  readonly files: readonly SnapshotFile[];
  /** Sum of the files' lengths. */
  readonly sizeBytes: number;
  /** When its newest volume was written by its file system, milliseconds since the epoch. */
  readonly writtenAtMs: number;
}

/**
 * The content of a directory that lastgood wrote; null if there is none. Unreadable content may be
 * anything, and an app may run on it.
 */
export type Found = Snapshot | 'unreadable' | null;

export function isSnapshot(found: Found): found is Snapshot {
  return found !== null && found !== 'unreadable';
}

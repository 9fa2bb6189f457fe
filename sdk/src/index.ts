/**
 * The words that lastgood and an app exchange. Types only: the client comes on top of them.
 * Source: docs/protocol.md.
 */

/**
 * Names a snapshot's content: `sha256:` and 64 hex digits. The same content has the same version
 * everywhere, unless a volume is secret: then it is an HMAC under a key of that pod.
 */
export type Version = `sha256:${string}`;

/** Why the app is told. */
export type ReloadReason = 'changed' | 'rollback' | 'manual';

/** What a reload and the dry run before it have in common. */
interface ChangeEvent {
  readonly bundle: string;
  /** What the app is to run on now, or may have to run on soon. */
  readonly version: Version;
  /** What it was last told or confirmed to run on; null when lastgood does not know. */
  readonly previous: Version | null;
  /** Id of the rollout (a ULID), also the idempotency key: the same id may come twice. */
  readonly rollout: string;
  /** Paths that were added, removed or changed between `previous` and `version`. */
  readonly changed: readonly string[];
  /** The directory to read, as the app's container sees it. */
  readonly dir: string;
}

/** The JSON body of a reload webhook. */
export interface ReloadEvent extends ChangeEvent {
  readonly event: 'reload';
  /** Counts from 1. */
  readonly attempt: number;
  readonly reason: ReloadReason;
}

/** The JSON body of a dry run: whether the app could run on it. It must go on as it is. */
export interface PrepareEvent extends ChangeEvent {
  readonly event: 'prepare';
}

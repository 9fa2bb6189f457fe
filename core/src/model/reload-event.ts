/**
 * The JSON bodies of the webhooks by which lastgood and an app talk.
 * Source: docs/protocol.md.
 */
import type { Version } from './snapshot.ts';

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

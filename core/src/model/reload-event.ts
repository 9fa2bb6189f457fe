/**
 * The JSON bodies of the webhooks between lastgood and an app.
 * Source: docs/webhook-protocol.md.
 */
import type { Version } from './snapshot.ts';

/** Why the app gets the event. */
export type ReloadReason = 'changed' | 'rollback' | 'manual';

/** The common part of a reload and a dry run. */
interface ChangeEvent {
  /** Name of the bundle in lastgood.yaml. */
  readonly bundle: string;
  /** The version that the app should run on now, or perhaps soon. */
  readonly version: Version;
  /** The last version that the app was notified of or confirmed; null if unknown. */
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
  /** Tells it from a dry run. */
  readonly event: 'reload';
  /** Number of this request among those of the rollout, from 1. */
  readonly attempt: number;
  /** Why lastgood sends it. */
  readonly reason: ReloadReason;
}

/** The JSON body of a dry run: could the app run on it? The app must not change. */
export interface PrepareEvent extends ChangeEvent {
  /** Tells it from a reload. */
  readonly event: 'prepare';
}

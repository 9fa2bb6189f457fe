import type { ViewSelection } from '@lastgood/core/formats/show-view.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version, VersionFile } from '@lastgood/core/model/snapshot.ts';
import type { JsonSchema } from '@lastgood/core/schema/to-json-schema.ts';

/** One complete version of a bundle. */
export interface BundleVersion {
  readonly version: Version;
  /** In the byte order of their paths. */
  readonly files: readonly VersionFile[];
}

/** A version that is not proven yet. */
export interface Candidate extends BundleVersion {
  /** Names the rollout. Each later call about it has the same one. */
  readonly rollout: string;
  readonly reason: ReloadReason;
}

/** The answer of the app to a candidate. `restart`: a part of it cannot change in a running process. */
export type Answer =
  | { readonly verdict: 'accept' }
  | { readonly verdict: 'reject' | 'restart'; readonly reasons: readonly string[] };

/** How the bundle is, as far as the provider knows it. */
export type Report =
  | { readonly status: 'ok' }
  | { readonly status: 'disconnected'; readonly reason: string }
  | {
      readonly status: 'degraded' | 'pending-restart';
      readonly reason: string;
      /** The newest version that was rejected. */
      readonly rejected?: { readonly version: Version; readonly reasons: readonly string[] };
    };

/**
 * The app's side of a rollout, called by a provider. Never throws. At most one candidate is prepared and
 * neither committed nor aborted: a newer one aborts it.
 */
export interface Subscriber {
  /** First phase: everything that can refuse does so now. Nothing has changed for the app yet. */
  prepare(candidate: Candidate, signal: AbortSignal): Promise<Answer>;
  /** Second phase, all or none. Ignored if that candidate is not prepared, so twice is harmless. */
  commit(rollout: string): void;
  /** Lets go of what was prepared. */
  abort(rollout: string, reason: string): void;
  report(report: Report): void;
}

/** What a view takes, as JSON Schema. */
export interface ViewSchema extends ViewSelection {
  readonly schema: JsonSchema;
}

/** Where versions come from: a sidecar, a directory, or a test. */
export interface Provider {
  /** Subscribes, and resolves with the active version. Rejects with a `LastgoodError`, or when `signal` aborts. */
  start(subscriber: Subscriber, signal: AbortSignal): Promise<BundleVersion>;
  /** The app runs on the version that `start` gave, or why it cannot. Called at most once. */
  started?(answer: Answer): void;
  /**
   * Takes the schemas of all views that have one, each time that there is another one, also before `start`. The
   * other side can then refuse a version before it asks. Calls `report` for what it cannot use of them. Left out
   * where there is no other side. Never throws.
   */
  setSchemas?(schemas: readonly ViewSchema[], report: (problem: string) => void): void;
  /**
   * Looks for a newer version now, and resolves when the subscriber has taken or refused it and has the
   * report. Left out where versions arrive by themselves. Never rejects.
   */
  reload?(): Promise<void>;
  /** Ends all that it started. Nothing of the subscriber is called after that. */
  close(): Promise<void>;
}

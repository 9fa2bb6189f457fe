import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { Outcome } from '../rollout/outcome.ts';

/** What `/status` shows. Nothing here may hold a secret's value (P8). */
export interface Status {
  /** Version of the program. */
  readonly lastgood: string;
  /** Whether every bundle is. */
  readonly ready: boolean;
  readonly bundles: readonly BundleStatus[];
}

/**
 * One bundle. *Desired*, *active*, *last good* and *rejected* stand side by side and are never
 * mixed: what the volume holds is not yet what the app runs on.
 */
export interface BundleStatus {
  readonly bundle: string;
  readonly mode: 'published' | 'direct';
  readonly health: Health;
  readonly ready: boolean;
  /** Of its rollout's state machine. */
  readonly phase: string;
  /** What the volumes hold now. */
  readonly desired: Version | null;
  /** What the app was told to run on and has confirmed. */
  readonly active: Version | null;
  /** What a rollback restores. */
  readonly lastGood: Version | null;
  /** What the published directory holds. */
  readonly published: Version | null;
  readonly rejected: Rejected | null;
  /** The one under way. */
  readonly rollout: RolloutStatus | null;
  /** Those that have ended, newest first, at most {@link MAX_RECENT}. */
  readonly recent: readonly RolloutStatus[];
}

/** How many ended rollouts `recent` holds. */
export const MAX_RECENT = 20;

/** Degraded: it runs on the last good one while a newer one stands rejected or undelivered. */
export interface Health {
  readonly state: 'ok' | 'degraded' | 'not-ready';
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly reason?: string;
  /** Why it is not ok; and, whatever its state, what a proof that takes long lacks. */
  readonly findings: readonly Finding[];
}

export interface Rejected {
  /** Null when the volume could not even be captured. */
  readonly version: Version | null;
  readonly step: Step;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly findings: readonly Finding[];
}

export interface RolloutStatus {
  /** A ULID. */
  readonly id: string;
  readonly version: Version | null;
  readonly reason: ReloadReason;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Null while it is under way. */
  readonly outcome: Outcome | null;
  readonly steps: readonly StepStatus[];
}

export interface StepStatus {
  readonly step: Step;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Null while it is under way. */
  readonly durationMs: number | null;
  /** Counts from 1, for steps that are tried again. */
  readonly attempt?: number;
  readonly result: string;
  /** What it was let pass with. */
  readonly warnings?: readonly Finding[];
}

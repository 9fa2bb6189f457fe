import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { Health } from '../rollout/health.ts';
import type { Outcome } from '../rollout/outcome.ts';
import type { Rejection } from '../rollout/state.ts';

/** The content of `/status`. Nothing here may hold a secret's value (P8). */
export interface Status {
  /** Version of the program. */
  readonly lastgood: string;
  /** Whether every bundle is ready. */
  readonly ready: boolean;
  readonly bundles: readonly BundleStatus[];
}

/**
 * One bundle. *Desired*, *active*, *last good* and *rejected* are separate: the version in the volume
 * need not be the one that the app runs on.
 */
export interface BundleStatus {
  readonly bundle: string;
  readonly mode: 'published' | 'direct';
  readonly health: HealthStatus;
  readonly ready: boolean;
  /** Of the rollout's state machine. */
  readonly phase: string;
  /** The version in the volumes. */
  readonly desired: Version | null;
  /** The version that the app was notified of and has confirmed. */
  readonly active: Version | null;
  /** The version that a rollback restores. */
  readonly lastGood: Version | null;
  /** The version in the published directory. */
  readonly published: Version | null;
  readonly rejected: Rejected | null;
  /** The rollout under way. */
  readonly rollout: RolloutStatus | null;
  /** Ended rollouts, newest first, at most {@link MAX_RECENT}. */
  readonly recent: readonly RolloutStatus[];
}

/** Number of ended rollouts to show. */
export const MAX_RECENT = 20;

/** Degraded: it runs on the last good version, as a newer one was rejected or is not delivered. */
export interface HealthStatus extends Health {
  /** ISO 8601, UTC. */
  readonly since: string;
}

export interface Rejected extends Omit<Rejection, 'rollout'> {
  /** ISO 8601, UTC. */
  readonly at: string;
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

interface StepStatus {
  readonly step: Step;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Null while it is under way. */
  readonly durationMs: number | null;
  /** From 1; for deliveries. */
  readonly attempt?: number;
  readonly result: string;
  /** Warnings with which the version was accepted. */
  readonly warnings?: readonly Finding[];
}

import { type BackoffSettings, OWN_BACKOFF } from '@lastgood/core/model/backoff.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';

/** When something that failed is tried again. */
export interface RetryPolicy extends BackoffSettings {
  /** Attempts in all, the first one included. */
  readonly attempts: number;
}

/** The settings that the machine needs; they never change while the sidecar runs. */
export interface RolloutConfig {
  /** False is direct mode: the app reads the volume itself, so nothing can be rolled back. */
  readonly publishes: boolean;
  /** The retries of each target, in the order of delivery. */
  readonly targets: readonly RetryPolicy[];
  /** The targets that only a rollout with `needsRestart` notifies, before the others. */
  readonly conditionalTargets?: readonly number[];
  readonly confirms: boolean;
  /** The proof needs a baseline from before the delivery, which only this process has. */
  readonly compares?: boolean;
  /** The targets are notified of the first version as well. */
  readonly tellsAtStart?: boolean;
  readonly onFailure: 'rollback' | 'hold';
  /** How long the app may be absent, the first time, before the last good version is published again. */
  readonly maxAbsenceMs?: number | undefined;
  /** Quarantines a version after so many rollouts that failed by a fault of a delivery. */
  readonly quarantineAfter?: number | undefined;
}

/** A version to roll out, and the id of its rollout. */
export interface Candidate {
  readonly rollout: string;
  readonly version: Version;
  /** The version with the same meaning: only comments, formatting or key order differ. */
  readonly equivalentTo?: Version;
  /** The app may have started on an older version, before lastgood saw this first one. */
  readonly changedSinceStart?: true;
  /** Some app cannot change to it while it runs; the findings say why. */
  readonly needsRestart?: readonly Finding[];
}

/**
 * Why a rollout failed. A `fault` proves nothing about the content: the version is not quarantined but
 * tried again later. `interrupted`: after a crash its content was gone. `quarantined`: it failed like
 * this before, and was not tried again. `restart`: it has not failed; the rollback leads to
 * `pending-restart`.
 */
export interface Failure {
  readonly kind: 'refused' | 'unproven' | 'fault' | 'interrupted' | 'quarantined' | 'restart';
  readonly step: Step;
  readonly findings: readonly Finding[];
  /** A fault: the app has been absent for too long, so it has not answered at all. */
  readonly isAbsence?: true;
}

export interface Rollout extends Candidate {
  /** `start`: the app reads it when it starts, so no target is notified; but see `notifiesTargets`. */
  readonly reason: 'start' | 'changed';
  /** Set during a rollback: why the last good version is being restored. */
  readonly failure: Failure | null;
  /** The sidecar has restarted since; the app may have gone down with it. */
  readonly resumed?: true;
  /** The app already runs on the same meaning, so there is nothing to notify and to prove. */
  readonly skipNotify?: true;
}

/** A version that must not reach the app; null: content that could not be captured. */
export interface Rejection {
  readonly rollout: string;
  readonly version: Version | null;
  readonly step: Step;
  readonly findings: readonly Finding[];
}

export interface Attempts {
  /** Of this delivery, from 1; the app gets it as `attempt`. */
  readonly attempt: number;
  /** How many were faults, or came after one. While the app is only absent, none is used up. */
  readonly faults: number;
  /** Why the previous one failed. */
  readonly findings: readonly Finding[];
  /** The sum of the waits for an absent app; undefined: none. */
  readonly absentMs?: number;
}

/** A step of the rollout that can be retried. */
export type RetryableStep = 'publish' | 'deliver' | 'confirm' | 'commit';

export type Phase =
  /**
   * Waits for the first verdict on the volume. `firstStart`: no app can be running yet.
   * `interrupted`: the rollout that a crash ended. `rollbackId`: the id for restoring the last good one.
   */
  | {
      readonly name: 'starting';
      readonly firstStart: boolean;
      readonly interrupted: Candidate | null;
      readonly rollbackId: string;
    }
  | { readonly name: 'steady' }
  /** Nothing is published yet: the version waits until the apps that need a restart have ended. */
  | { readonly name: 'pending-restart'; readonly rollout: Rollout }
  | { readonly name: 'publishing'; readonly rollout: Rollout; readonly tries: Attempts }
  | { readonly name: 'confirming'; readonly rollout: Rollout; readonly tries: Attempts }
  | { readonly name: 'committing'; readonly rollout: Rollout; readonly tries: Attempts }
  | {
      readonly name: 'delivering';
      readonly rollout: Rollout;
      readonly target: number;
      readonly tries: Attempts;
    }
  /** Waits before it tries `step` again. */
  | {
      readonly name: 'retrying';
      readonly rollout: Rollout;
      readonly step: RetryableStep;
      readonly target: number;
      readonly tries: Attempts;
    };

export type PhaseOf<Name extends Phase['name']> = Phase & { readonly name: Name };

/** A phase in which a rollout is under way. */
export type RolloutPhase = Extract<Phase, { readonly rollout: Rollout }>;

export const PHASE_NAMES = [
  'starting',
  'steady',
  'pending-restart',
  'publishing',
  'delivering',
  'confirming',
  'committing',
  'retrying',
] as const satisfies readonly Phase['name'][];

/** Everything that must survive a kill -9. Plain JSON. */
export interface State {
  /** Increases with every change of phase, so that results of an earlier phase can be ignored. */
  readonly generation: number;
  readonly phase: Phase;
  /** The version in the volume, as last captured; null when it could not be captured. */
  readonly desired: Version | null;
  /** The newest version, while its checks run. */
  readonly checking: Candidate | null;
  /** Has passed its checks, and waits for the running effect to end. */
  readonly next: Candidate | null;
  readonly published: Version | null;
  readonly active: Version | null;
  readonly lastGood: Version | null;
  /** Targets that may run on something other than the last good version. */
  readonly notifiedTargets: readonly number[];
  /** Why the app does not run on the version in the volume. */
  readonly rejected: Rejection | null;
  /** Versions that are not tried again, newest last. */
  readonly quarantine: readonly (Rejection & { readonly version: Version })[];
  readonly pendingRetry: PendingRetry | null;
  /** Signs that the app crashes on a version. Undefined in older journals. */
  readonly crashes?: Crashes | null;
  /** Since when the bundle is degraded, by the wall clock; the driver notes it. */
  readonly degradedSinceMs?: number | null;
}

/** A version that failed by a fault, and how often in a row. */
export interface PendingRetry {
  readonly version: Version;
  readonly failures: number;
  /** How many of them were faults of a delivery. */
  readonly deliveries?: number;
  /** It is due at once, during the rollback: the app has been absent there for too long. */
  readonly isTurn?: true;
  /** It failed before anything was published, so it starts again with its checks. */
  readonly recheck?: true;
  /** As its rollout had it. */
  readonly needsRestart?: readonly Finding[] | undefined;
}

/** How often a target ended right after it was notified of a version. */
export interface Crashes {
  readonly version: Version;
  readonly target: number;
  readonly count: number;
  /** Its connection broke, and it has not answered since: if it is absent now, it has crashed. */
  readonly isSuspected: boolean;
}

export const FIRST_ATTEMPT: Attempts = { attempt: 1, faults: 0, findings: [] };

/** Retries of everything that no target's settings cover: publish, commit, a rollback's confirmation. */
export const OWN_RETRIES: RetryPolicy = { attempts: Infinity, ...OWN_BACKOFF };

/** The state of a pod in which nothing has happened yet. */
export const EMPTY: State = {
  generation: 0,
  phase: { name: 'steady' },
  desired: null,
  checking: null,
  next: null,
  published: null,
  active: null,
  lastGood: null,
  notifiedTargets: [],
  rejected: null,
  quarantine: [],
  pendingRetry: null,
  crashes: null,
};

/** The rollout under way, if there is one. */
export function rolloutOf({ phase }: State): Rollout | null {
  return 'rollout' in phase ? phase.rollout : null;
}

/** Whether every target certainly runs on this version, so that there is nothing to do. */
export function isInPlace(state: State, version: Version, config: RolloutConfig): boolean {
  const isPublished = !config.publishes || state.published === version;
  return state.active === version && isPublished && state.notifiedTargets.length === 0;
}

/** Whether its version has not failed; a rollback may be under way to put back what was before it. */
export function isStillWanted({ failure }: Rollout): boolean {
  return failure === null || failure.kind === 'restart';
}

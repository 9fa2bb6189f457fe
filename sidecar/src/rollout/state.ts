import type { BackoffSettings } from '@lastgood/core/model/backoff.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { Outcome } from './outcome.ts';

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
  readonly confirms: boolean;
  /** The proof needs a baseline from before the delivery, which only this process has. */
  readonly compares?: boolean;
  /** The targets are notified of the first version as well. */
  readonly tellsAtStart?: boolean;
  readonly onFailure: 'rollback' | 'hold';
}

/** A version to roll out, and the id of its rollout. */
export interface Candidate {
  readonly rollout: string;
  readonly version: Version;
  /** The version with the same meaning: only comments, formatting or key order differ. */
  readonly equivalentTo?: Version;
  /** The app may have started on an older version, before lastgood saw this first one. */
  readonly changedSinceStart?: true;
}

/**
 * Why a rollout failed. A `fault` proves nothing about the content: the version is not quarantined but
 * tried again later. `interrupted`: after a crash its content was gone. `quarantined`: it failed like
 * this before, and was not tried again.
 */
export interface Failure {
  readonly kind: 'refused' | 'unproven' | 'fault' | 'interrupted' | 'quarantined';
  readonly step: Step;
  readonly findings: readonly Finding[];
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
}

/** A version that failed by a fault, and how often in a row. */
export interface PendingRetry {
  readonly version: Version;
  readonly failures: number;
  /** It failed before anything was published, so it starts again with its checks. */
  readonly recheck?: true;
}

/** The result of a delivery. `absent`: the target is not running. */
export type Answer = 'accepted' | 'refused' | 'fault' | 'absent';

export type Event =
  | ({ readonly type: 'captured' } & Omit<Candidate, 'equivalentTo'>)
  | {
      readonly type: 'uncapturable';
      readonly rollout: string;
      readonly findings: readonly Finding[];
    }
  | {
      readonly type: 'validated';
      readonly rollout: string;
      readonly accepted: boolean;
      readonly findings: readonly Finding[];
      /** The active version, if this one means the same. */
      readonly equivalentTo?: Version;
      /** Set if a dry run rejected it, not a check. */
      readonly step?: 'prepare';
      /** The dry run or a check gave no answer: the version is checked again later. */
      readonly fault?: true;
    }
  | {
      /** A publish, a confirmation or a commit ended. */
      readonly type: 'done' | 'failed';
      readonly generation: number;
      readonly findings: readonly Finding[];
    }
  | {
      readonly type: 'answered';
      readonly generation: number;
      readonly answer: Answer;
      readonly findings: readonly Finding[];
      /** The app asked for a retry no sooner than this. */
      readonly retryAfterMs?: number;
      /** A fault after which there is no further attempt. */
      readonly final?: true;
    }
  | { readonly type: 'retry-due'; readonly generation: number }
  /** `rollout` is the id to use if it leads to a new rollout. */
  | { readonly type: 'pending-retry-due'; readonly rollout: string; readonly version: Version };

export type EventOf<Type extends Event['type']> = Event & { readonly type: Type };

/** An effect of a phase; its result carries the phase's generation. */
interface PhaseEffect {
  readonly generation: number;
  readonly rollout: string;
  readonly version: Version;
}

export type Effect =
  | { readonly type: 'validate'; readonly rollout: string; readonly version: Version }
  | (PhaseEffect & { readonly type: 'publish' })
  | (PhaseEffect & { readonly type: 'commit' })
  | (PhaseEffect & {
      readonly type: 'deliver';
      readonly previous: Version | null;
      readonly target: number;
      readonly attempt: number;
      readonly reason: ReloadReason;
    })
  /** `waitForFirstResponse`: the deadline only starts when the app responds at all. */
  | (PhaseEffect & { readonly type: 'confirm'; readonly waitForFirstResponse: boolean })
  /** `leastMs`: the app asked for at least this. */
  | {
      readonly type: 'wait';
      readonly generation: number;
      readonly ms: number;
      readonly leastMs?: number;
    }
  | { readonly type: 'wait-pending-retry'; readonly version: Version; readonly ms: number }
  | Finish;

/** The end of a rollout. */
export interface Finish {
  readonly type: 'finish';
  readonly rollout: string;
  readonly version: Version | null;
  readonly outcome: Outcome;
  readonly failure: Failure | null;
  /** Of a commit: at least one target was notified and accepted it. */
  readonly notified?: boolean;
  /** It failed by a fault, and is tried again after at most this. */
  readonly pendingRetryMs?: number;
}

export type EffectOf<Type extends Effect['type']> = Effect & { readonly type: Type };

/** An effect that takes time, and ends in an event. */
export type Work = Exclude<Effect, Finish>;

/** The next state, and the effects to perform, in order. */
export type Move = readonly [State, readonly Effect[]];

export const FIRST_ATTEMPT: Attempts = { attempt: 1, faults: 0, findings: [] };

/** Retries of everything that no target's settings cover: publish, commit, a rollback's confirmation. */
export const OWN_RETRIES: RetryPolicy = { attempts: Infinity, backoffMs: 1_000, maxMs: 30_000 };

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

/** The indexes of all targets. */
export function allTargets({ targets }: RolloutConfig): readonly number[] {
  return targets.map((_, index) => index);
}

/** A move with more effects before its own. */
export function prependEffects(effects: readonly Effect[], [state, more]: Move): Move {
  return [state, [...effects, ...more]];
}

import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import type { RetrySettings } from '../settings/settings.ts';
import type { Outcome } from './outcome.ts';

/** What of the settings the machine needs; it never changes while the sidecar runs. */
export interface RolloutConfig {
  /** False is direct mode: the app reads the volume itself, so nothing can be put back. */
  readonly publishes: boolean;
  /** The retries of each target, in the order in which they are told. */
  readonly targets: readonly RetrySettings[];
  readonly confirms: boolean;
  /** The proof compares with what was before the app was told, which only this process has seen. */
  readonly compares?: boolean;
  /** The targets are told of the first version as well. */
  readonly tellsAtStart?: boolean;
  readonly onFailure: 'rollback' | 'hold';
}

/** A version on its way, under the id of its rollout. */
export interface Candidate {
  readonly rollout: string;
  readonly version: Version;
  /** The version that an app cannot tell from this one: they differ in bytes, not in meaning. */
  readonly equivalentTo?: Version;
}

/**
 * Why a rollout failed. A `fault` says nothing about the content: the version is not quarantined but
 * tried again later. `interrupted` is none at all: after a crash its content was gone. `quarantined`: it
 * failed so before, and nobody was asked again.
 */
export interface Failure {
  readonly kind: 'refused' | 'unproven' | 'fault' | 'interrupted' | 'quarantined';
  readonly step: Step;
  readonly findings: readonly Finding[];
}

export interface Rollout extends Candidate {
  /** `start`: the app reads it when it starts, so nobody is told. */
  readonly reason: 'start' | 'changed';
  /** Set on the way back: the last good one is being put back because of it. */
  readonly failure: Failure | null;
  /** The sidecar was started anew meanwhile; the app may have gone down with it. */
  readonly resumed?: true;
  /** The app runs on the same meaning already, so nobody is told and nothing is to be proven. */
  readonly skipNotify?: true;
}

/** A version, or content that could not even be captured (null), that must not reach the app. */
export interface Rejection {
  readonly rollout: string;
  readonly version: Version | null;
  readonly step: Step;
  readonly findings: readonly Finding[];
}

export interface Attempts {
  /** Of this delivery, from 1; what the app sees as `attempt`. */
  readonly attempt: number;
  /** How many were faults, or came after one. An app that was absent all along costs no try. */
  readonly faults: number;
  /** Why the one before this failed. */
  readonly findings: readonly Finding[];
}

/** A step of the rollout that can be done again. */
export type RetryableStep = 'publish' | 'deliver' | 'confirm' | 'commit';

export type Phase =
  /**
   * Waits for the first verdict on the volume. `fresh`: no app can be running on anything yet.
   * `interrupted`: the rollout that a crash ended. `rollbackId`: the id for putting the last good one back.
   */
  | {
      readonly name: 'starting';
      readonly firstStart: boolean;
      readonly interrupted: Candidate | null;
      readonly rollbackId: string;
    }
  | { readonly name: 'steady' }
  | { readonly name: 'publishing'; readonly rollout: Rollout; readonly tries: Attempts }
  | {
      readonly name: 'delivering';
      readonly rollout: Rollout;
      readonly target: number;
      readonly tries: Attempts;
    }
  | { readonly name: 'confirming'; readonly rollout: Rollout; readonly tries: Attempts }
  | { readonly name: 'committing'; readonly rollout: Rollout; readonly tries: Attempts }
  /** Waits for its turn to do `step` again. */
  | {
      readonly name: 'retrying';
      readonly rollout: Rollout;
      readonly step: RetryableStep;
      readonly target: number;
      readonly tries: Attempts;
    };

/** A phase in which a rollout is under way. */
export type RolloutPhase = Extract<Phase, { readonly rollout: Rollout }>;

export type PhaseName = Phase['name'];

export const PHASE_NAMES = [
  'starting',
  'steady',
  'publishing',
  'delivering',
  'confirming',
  'committing',
  'retrying',
] as const satisfies readonly PhaseName[];

/** Everything that must survive a kill -9. Plain JSON. */
export interface State {
  /** Grows with every change of phase; an answer to an older phase is ignored by it. */
  readonly generation: number;
  readonly phase: Phase;
  /** What the volume holds, as last captured; null when it could not be captured. */
  readonly desired: Version | null;
  /** The newest content, while the checks run. */
  readonly checking: Candidate | null;
  /** Passed its checks, and waits for the effect in hand to end. */
  readonly next: Candidate | null;
  readonly published: Version | null;
  readonly active: Version | null;
  readonly lastGood: Version | null;
  /** Targets that may run on something else than the last good one. */
  readonly notifiedTargets: readonly number[];
  /** Why the app does not run on what the volume holds. */
  readonly rejected: Rejection | null;
  /** Versions that are not tried again, newest last. */
  readonly quarantine: readonly (Rejection & { readonly version: Version })[];
  /** A version that failed by a fault, and how often in a row. */
  readonly pendingRetry: PendingRetry | null;
}

/** `recheck`: it failed before anything was published, and its checks are to be done again. */
export interface PendingRetry {
  readonly version: Version;
  readonly failures: number;
  readonly recheck?: true;
}

/** What a target answers. Only the first three mean that somebody was there. */
export type Answer = 'accepted' | 'refused' | 'fault' | 'absent';

export type Event =
  | { readonly type: 'captured'; readonly rollout: string; readonly version: Version }
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
      /** Set if not the checks but a dry run said no. */
      readonly step?: 'prepare';
      /** What was asked did not answer: the version is to be checked again later. */
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
      /** The app has asked not to be tried again sooner. */
      readonly retryAfterMs?: number;
      /** A fault that no further try may follow. */
      readonly final?: true;
    }
  | { readonly type: 'retry-due'; readonly generation: number }
  /** `rollout` is the id to use if it leads to a new rollout. */
  | { readonly type: 'again-due'; readonly rollout: string; readonly version: Version };

export type Effect =
  | { readonly type: 'validate'; readonly rollout: string; readonly version: Version }
  | {
      readonly type: 'publish';
      readonly generation: number;
      readonly rollout: string;
      readonly version: Version;
    }
  | {
      readonly type: 'deliver';
      readonly generation: number;
      readonly rollout: string;
      readonly version: Version;
      readonly previous: Version | null;
      readonly target: number;
      readonly attempt: number;
      readonly reason: ReloadReason;
    }
  | {
      /** `patient`: the deadline only starts when the app answers at all. */
      readonly type: 'confirm';
      readonly generation: number;
      readonly rollout: string;
      readonly version: Version;
      readonly waitForFirstResponse: boolean;
    }
  | {
      readonly type: 'commit';
      readonly generation: number;
      readonly rollout: string;
      readonly version: Version;
    }
  /**
   * `leastMs`: the app has asked for no less. `absent`: the target that nobody answered for; the wait
   * may end when somebody appears.
   */
  | {
      readonly type: 'wait';
      readonly generation: number;
      readonly ms: number;
      readonly leastMs?: number;
      readonly absent?: number;
    }
  | { readonly type: 'wait-again'; readonly version: Version; readonly ms: number }
  | {
      readonly type: 'finish';
      readonly rollout: string;
      readonly version: Version | null;
      readonly outcome: Outcome;
      readonly failure: Failure | null;
      /** Of a commit: somebody was told, and took it. */
      readonly told?: boolean;
      /** It failed, but not by itself, and is tried again after no longer than this. */
      readonly pendingRetryMs?: number;
    };

/** An effect that takes its time, and ends in an event. */
export type Work = Exclude<Effect, { readonly type: 'finish' }>;

/** The next state and what is to be done about it, in this order. */
export type Move = readonly [State, readonly Effect[]];

export const FIRST_ATTEMPT: Attempts = { attempt: 1, faults: 0, findings: [] };

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

/** The rollout that is under way, if one is. */
export function rolloutOf(state: State): Rollout | null {
  return 'rollout' in state.phase ? state.phase.rollout : null;
}

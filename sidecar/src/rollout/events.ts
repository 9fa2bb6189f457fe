/** What happens to a rollout, and what it asks for in return. */

import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ReloadReason } from '@lastgood/core/model/reload-event.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Outcome } from './outcome.ts';
import type { Candidate, Failure, State } from './state.ts';

/**
 * The result of a delivery. `absent`: the target is not running. `restart`: it cannot change while it
 * runs, and no process of this target has changed.
 */
export type Answer = 'accepted' | 'refused' | 'fault' | 'absent' | 'restart';

export type Event =
  | ({
      readonly type: 'captured';
      /** The volume was written again, with the content that it had. */
      readonly isRewritten?: true;
    } & Omit<Candidate, 'equivalentTo'>)
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
      /** It was accepted, but some app cannot change to it while it runs: why. */
      readonly needsRestart?: readonly Finding[];
    }
  | {
      /** A publish, a confirmation, a commit or the wait for a restart ended. */
      readonly type: 'done' | 'failed';
      readonly generation: number;
      readonly findings: readonly Finding[];
      /** A confirmation that failed because the app never responded. */
      readonly isAbsent?: true;
      /** A confirmation that failed because an app that has started meanwhile needs a restart. */
      readonly needsRestart?: true;
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
      /** A fault: the app ended the connection without an answer. */
      readonly isReset?: true;
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
  | (PhaseEffect & { readonly type: 'await-restart' })
  | (PhaseEffect & { readonly type: 'publish' })
  | (PhaseEffect & { readonly type: 'commit' })
  | (PhaseEffect & {
      readonly type: 'deliver';
      readonly previous: Version | null;
      readonly target: number;
      readonly attempt: number;
      readonly reason: ReloadReason;
    })
  /** `waitForFirstResponse`: the deadline only starts when the app responds, which may take so much time at most. */
  | (PhaseEffect & {
      readonly type: 'confirm';
      readonly waitForFirstResponse: boolean;
      readonly maxAbsenceMs?: number;
    })
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

/** A move with more effects before its own. */
export function prependEffects(effects: readonly Effect[], [state, more]: Move): Move {
  return [state, [...effects, ...more]];
}

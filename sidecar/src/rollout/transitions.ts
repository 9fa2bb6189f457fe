/** The course of a rollout and of its rollback: each `enter…` enters a phase and asks for its effect. */

import { backoff } from '@lastgood/core/model/backoff.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { absenceLimitMs, canRollBack } from './absence.ts';
import { type Effect, type Move, prependEffects } from './events.ts';
import { finish, finishFailed, MAX_PENDING_RETRY_MS } from './finish.ts';
import { findQuarantined } from './quarantine.ts';
import {
  type Attempts,
  type Candidate,
  type Failure,
  FIRST_ATTEMPT,
  isInPlace,
  isStillWanted,
  type Phase,
  type PhaseOf,
  type RetryableStep,
  type RetryPolicy,
  type Rollout,
  type RolloutConfig,
  type RolloutPhase,
  rolloutOf,
  type State,
} from './state.ts';
import { deliveryOrder, needsDelivery, reachedTargets } from './targets.ts';

/** How long to wait before an absent target is tried again, whatever the settings for faults. */
const ABSENT_RETRY_MS = 1_000;

/** Begins a rollout, unless its version is already in place. */
export function enterNewRollout(state: State, candidate: Candidate, config: RolloutConfig): Move {
  if (reasonFor(state) === 'start' || !isInPlace(state, candidate.version, config))
    return enterFirstStep(state, candidate, config);
  const generation = state.generation + 1;
  const idle: State = { ...state, generation, next: null, phase: { name: 'steady' } };
  return [idle, [finish(candidate, 'unchanged')]];
}

/** Begins a rollout, whatever is in place. */
export function enterFirstStep(state: State, candidate: Candidate, config: RolloutConfig): Move {
  const { equivalentTo, needsRestart, ...started } = candidate;
  const reason = reasonFor(state);
  // A target that may run on another version cannot be skipped.
  const skips =
    reason === 'changed' &&
    equivalentTo !== undefined &&
    equivalentTo === state.active &&
    state.notifiedTargets.length === 0;
  const skip = skips ? ({ skipNotify: true } as const) : {};
  // An app that reads it when it starts, or that is not notified, needs no restart.
  const isLive = needsRestart === undefined || reason === 'start' || skips;
  const needs = isLive ? {} : { needsRestart };
  const rollout: Rollout = { ...started, reason, failure: null, ...skip, ...needs };
  const begun: State = { ...state, next: null };
  if (isLive || config.conditionalTargets?.length) return enterPublishing(begun, rollout, config);
  // To roll back first is no use if the app has been absent there for too long.
  return state.pendingRetry?.isTurn === true && state.pendingRetry.version === rollout.version
    ? enterAwaitingRestart(begun, rollout)
    : enterPendingRestart(begun, rollout, config);
}

/**
 * Waits until the apps that need a restart have ended. Rolls back before, if something
 * else than the last good version is in place: the wait may be long.
 */
export function enterPendingRestart(state: State, rollout: Rollout, config: RolloutConfig): Move {
  const { needsRestart: findings = [], version } = rollout;
  if (version !== state.lastGood && hasOther(state) && canRollBack(state, config)) {
    const failure: Failure = { kind: 'restart', step: 'deliver', findings };
    return enterPublishing(state, { ...rollout, failure }, config);
  }
  return enterAwaitingRestart(state, rollout);
}

function enterAwaitingRestart(state: State, rollout: Rollout): Move {
  const effect = { type: 'await-restart', ...rolloutEffect(rollout, state) } as const;
  return enterPhase(state, { name: 'pending-restart', rollout }, effect);
}

function reasonFor({ phase }: State): Rollout['reason'] {
  return phase.name === 'starting' && phase.firstStart ? 'start' : 'changed';
}

/** The version that the app should run on: the rollout's, or the last good one in a rollback. */
export function desiredVersion(rollout: Rollout, state: State): Version {
  return rollout.failure === null ? rollout.version : (state.lastGood ?? rollout.version);
}

/** Publishes the desired version; in direct mode there is nothing to publish. */
export function enterPublishing(
  state: State,
  rollout: Rollout,
  config: RolloutConfig,
  attempts = FIRST_ATTEMPT,
): Move {
  if (!config.publishes) return enterDelivering(state, rollout, 0, config);
  const effect = { type: 'publish', ...rolloutEffect(rollout, state) } as const;
  return enterPhase(state, { name: 'publishing', rollout, tries: attempts }, effect);
}

/** Notifies the first target that needs it, from this place in the order on; after the last one, confirms. */
export function enterDelivering(
  state: State,
  rollout: Rollout,
  from: number,
  config: RolloutConfig,
  attempts = FIRST_ATTEMPT,
): Move {
  const isRollback = rollout.failure !== null;
  if (rollout.skipNotify && !isRollback) return enterCommitting(state, rollout, config);
  const target = deliveryOrder(config)
    .slice(from)
    .find((index) => needsDelivery(index, state, rollout, config));
  if (target === undefined) return enterConfirming(state, rollout, config);
  const notifiedTargets = state.notifiedTargets.includes(target)
    ? state.notifiedTargets
    : [...state.notifiedTargets, target];
  return enterPhase(
    { ...state, notifiedTargets },
    { name: 'delivering', rollout, target, tries: attempts },
    {
      type: 'deliver',
      ...rolloutEffect(rollout, state),
      previous: isRollback ? rollout.version : state.active,
      target,
      attempt: attempts.attempt,
      reason: isRollback ? 'rollback' : 'changed',
    },
  );
}

/** Puts the desired version on probation; without `confirm` in the settings it counts as proven. */
function enterConfirming(
  state: State,
  rollout: Rollout,
  config: RolloutConfig,
  attempts = FIRST_ATTEMPT,
): Move {
  if (!config.confirms) return enterCommitting(state, rollout, config);
  // An app that reads the version when it starts runs on it as if it had been notified.
  const notifiedTargets =
    rollout.reason === 'start' ? reachedTargets(state, config) : state.notifiedTargets;
  // If no delivery has reached the app since the sidecar started, it may be down for a reason that has
  // nothing to do with the version: the deadline then waits for its first response.
  const hasNoDelivery = config.publishes && config.targets.length === 0;
  const { reason, failure, resumed = false } = rollout;
  const waitForFirstResponse = reason === 'start' || failure !== null || resumed || hasNoDelivery;
  const limitMs = waitForFirstResponse ? absenceLimitMs(state, rollout, config) : undefined;
  const bound = limitMs === undefined ? {} : { maxAbsenceMs: limitMs };
  return enterPhase(
    { ...state, notifiedTargets },
    { name: 'confirming', rollout, tries: attempts },
    { type: 'confirm', ...rolloutEffect(rollout, state), waitForFirstResponse, ...bound },
  );
}

/** The app runs on the version: keeps it as the last good one, or ends the rollback. */
export function enterCommitting(
  state: State,
  rollout: Rollout,
  config: RolloutConfig,
  attempts = FIRST_ATTEMPT,
): Move {
  const { failure } = rollout;
  if (failure !== null) {
    const restored: State = { ...state, active: state.lastGood, notifiedTargets: [] };
    if (failure.kind === 'restart')
      return enterPendingRestart(restored, { ...rollout, failure: null }, config);
    return finishFailed(restored, rollout, failure, 'rolled-back', config);
  }
  const effect = { type: 'commit', ...rolloutEffect(rollout, state) } as const;
  return enterPhase(state, { name: 'committing', rollout, tries: attempts }, effect);
}

/** Ends the rollout under way, if there is one, in favour of the version that waits. */
export function supersede(state: State, config: RolloutConfig): Move {
  const old = rolloutOf(state);
  if (state.next === null) return [state, []];
  const failure = old === null || isStillWanted(old) ? null : old.failure;
  const ended = old === null ? [] : [finish(old, 'superseded', failure)];
  return prependEffects(ended, enterNewRollout(state, state.next, config));
}

/** Restores the last good version, if the failed one was published or delivered. */
export function enterRollback(
  state: State,
  rollout: Rollout,
  failure: Failure,
  config: RolloutConfig,
): Move {
  // The last good version of an earlier pod may be published without having been committed here.
  const isTouched = hasOther(state) || state.active !== state.lastGood;
  if (canRollBack(state, config) && isTouched)
    return enterPublishing(state, { ...rollout, failure }, config);
  return finishFailed(state, rollout, failure, 'rejected', config);
}

/** Whether an app may read, or run on, something else than the last good version. */
function hasOther({ published, lastGood, notifiedTargets }: State): boolean {
  return published !== lastGood || notifiedTargets.length > 0;
}

/** Continues the rollout under way with `move`, unless its version has been quarantined meanwhile. */
export function continueUnlessQuarantined(state: State, move: Move, config: RolloutConfig): Move {
  const rollout = rolloutOf(state);
  if (rollout === null || rollout.failure !== null) return move;
  const known = findQuarantined(state, rollout.version);
  if (known === undefined) return move;
  const { step, findings } = known;
  return enterRollback(state, rollout, { kind: 'refused', step, findings }, config);
}

/** Whether a newer version can take over at once: no effect runs that must end first. */
export function isInterruptible({ name }: Phase): boolean {
  return name === 'retrying' || name === 'confirming' || name === 'pending-restart';
}

interface Retry {
  readonly rollout: Rollout;
  readonly step: RetryableStep;
  readonly target?: number;
  readonly tries: Attempts;
  /** Not sooner than this. */
  readonly afterMs?: number;
  /** The target is absent. */
  readonly isAbsent?: boolean;
  /** The absence uses up an attempt, and waits as a fault does. */
  readonly counts?: boolean;
}

/** On average, after the jitter. */
const MEAN_WAIT = 0.75;

/** Waits before it tries the step again: twice as long after each fault, a second if it is absent. */
export function enterRetrying(
  state: State,
  { rollout, step, target = 0, afterMs = 0, isAbsent = false, counts = false, tries }: Retry,
  findings: readonly Finding[],
  retries: RetryPolicy,
): Move {
  const leastMs = Math.min(afterMs, MAX_PENDING_RETRY_MS);
  // Absences before the first fault must not make the wait after it longer.
  const failures = tries.faults > 0 ? tries.faults : tries.attempt;
  const ms = isAbsent && !counts ? ABSENT_RETRY_MS : backoff(failures, retries);
  const absentMs = (tries.absentMs ?? 0) + (isAbsent ? Math.max(ms * MEAN_WAIT, leastMs) : 0);
  const absence = absentMs > 0 ? { absentMs } : {};
  return enterPhase(
    state,
    { name: 'retrying', rollout, step, target, tries: { ...tries, ...absence, findings } },
    { type: 'wait', ms: Math.max(ms, leastMs), ...(leastMs > 0 ? { leastMs } : {}) },
  );
}

/** Tries the step of a retrying phase again, as the next attempt. */
export function retryStep(state: State, phase: PhaseOf<'retrying'>, config: RolloutConfig): Move {
  const { rollout, step, target } = phase;
  const attempts: Attempts = { ...phase.tries, attempt: phase.tries.attempt + 1 };
  switch (step) {
    case 'publish':
      return enterPublishing(state, rollout, config, attempts);
    case 'deliver': {
      // The settings may have changed since, so that there is no such target.
      const place = Math.max(deliveryOrder(config).indexOf(target), 0);
      return enterDelivering(state, rollout, place, config, attempts);
    }
    case 'confirm':
      return enterConfirming(state, rollout, config, attempts);
    case 'commit':
      return enterCommitting(state, rollout, config, attempts);
  }
}

function rolloutEffect(rollout: Rollout, state: State) {
  return { rollout: rollout.rollout, version: desiredVersion(rollout, state) };
}

type PhaseEffect = Extract<Effect, { readonly generation: number }>;
type WithoutGeneration<E> = E extends unknown ? Omit<E, 'generation'> : never;

/** Changes the phase: from now on, results of the one before come too late. */
function enterPhase(
  state: State,
  phase: RolloutPhase,
  effect: WithoutGeneration<PhaseEffect>,
): Move {
  const generation = state.generation + 1;
  return [{ ...state, generation, phase }, [{ ...effect, generation } as PhaseEffect]];
}

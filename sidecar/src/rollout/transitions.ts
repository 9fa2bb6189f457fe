import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { RetrySettings } from '../settings/settings.ts';
import { findQuarantined, isInPlace, prependEffects, superseded, unchanged } from './quarantine.ts';
import {
  type Attempts,
  type Candidate,
  type Effect,
  type Failure,
  FIRST_ATTEMPT,
  type Move,
  type PendingRetry,
  type Phase,
  type RetryableStep,
  type Rollout,
  type RolloutConfig,
  rolloutOf,
  type State,
} from './state.ts';

/**
 * The course of a rollout, there and back: each function enters a phase and asks for its one effect.
 */

/** Retries of what no target's settings speak of: publish, commit and a rollback's confirmation. */
export const OWN_RETRIES: RetrySettings = { attempts: Infinity, backoffMs: 1_000, maxMs: 30_000 };

/** Begins a rollout, unless the app already runs on just that. */
export function enterNewRollout(
  state: State,
  candidate: Candidate,
  reason: Rollout['reason'],
  config: RolloutConfig,
): Move {
  if (reason === 'start' || !isInPlace(state, candidate.version, config))
    return enterFirstStep(state, candidate, reason, config);
  const idle: State = {
    ...state,
    generation: state.generation + 1,
    next: null,
    phase: { name: 'steady' },
  };
  return [idle, [unchanged(candidate)]];
}

/** Begins a rollout, whatever is in place. */
export function enterFirstStep(
  state: State,
  candidate: Candidate,
  reason: Rollout['reason'],
  config: RolloutConfig,
): Move {
  const { rollout: id, version, equivalentTo } = candidate;
  const rollout: Rollout = { rollout: id, version, reason, failure: null };
  // What others may run on is not known to mean the same.
  const isQuiet =
    equivalentTo !== undefined &&
    equivalentTo === state.active &&
    state.notifiedTargets.length === 0;
  const skip = isQuiet && reason === 'changed' ? ({ skipNotify: true } as const) : {};
  return enterPublishing({ ...state, next: null }, { ...rollout, ...skip }, FIRST_ATTEMPT, config);
}

/** What the rollout wants the app to run on: its version, or on the way back the last good one. */
export function desiredVersion(rollout: Rollout, state: State): Version {
  return rollout.failure === null ? rollout.version : (state.lastGood ?? rollout.version);
}

/** Puts the aim of the rollout where the app reads it. In direct mode there is nothing to do. */
export function enterPublishing(
  state: State,
  rollout: Rollout,
  tries: Attempts,
  config: RolloutConfig,
): Move {
  if (!config.publishes) return enterDelivering(state, rollout, 0, FIRST_ATTEMPT, config);
  const version = desiredVersion(rollout, state);
  return enterPhase(state, { name: 'publishing', rollout, tries }, (generation) => ({
    type: 'publish',
    generation,
    rollout: rollout.rollout,
    version,
  }));
}

/** Tells the first target from `from` on that is to be told; confirms when there is none left. */
export function enterDelivering(
  state: State,
  rollout: Rollout,
  from: number,
  tries: Attempts,
  config: RolloutConfig,
): Move {
  const back = rollout.failure !== null;
  if (rollout.skipNotify && !back) return enterCommitting(state, rollout, FIRST_ATTEMPT, config);
  const isMeant = (index: number) =>
    index >= from &&
    (notifiesTargets(rollout, config) || (back && state.notifiedTargets.includes(index)));
  const target = config.targets.findIndex((_, index) => isMeant(index));
  if (target === -1) return enterConfirming(state, rollout, FIRST_ATTEMPT, config);
  const notifiedTargets = state.notifiedTargets.includes(target)
    ? state.notifiedTargets
    : [...state.notifiedTargets, target];
  return enterPhase(
    { ...state, notifiedTargets },
    { name: 'delivering', rollout, target, tries },
    (generation) => ({
      type: 'deliver',
      generation,
      rollout: rollout.rollout,
      version: desiredVersion(rollout, state),
      previous: back ? rollout.version : state.active,
      target,
      attempt: tries.attempt,
      reason: back ? 'rollback' : 'changed',
    }),
  );
}

/**
 * Whether all are told. An app reads the first version when it starts, unless it may have started
 * before it was there, which is then so of the one that comes back as well. Any other way back is for
 * those who may run on something else.
 */
export function notifiesTargets(
  { reason, failure }: Rollout,
  { tellsAtStart }: RolloutConfig,
): boolean {
  return reason === 'start' ? tellsAtStart === true : failure === null;
}

/** Puts the aim on probation; without `confirm` in the settings it is taken as proven. */
export function enterConfirming(
  state: State,
  rollout: Rollout,
  tries: Attempts,
  config: RolloutConfig,
): Move {
  if (!config.confirms) return enterCommitting(state, rollout, FIRST_ATTEMPT, config);
  // An app that reads it when it starts has been told as well as by a request.
  const everybody = config.targets.map((_, index) => index);
  const notifiedTargets = rollout.reason === 'start' ? everybody : state.notifiedTargets;
  const waitForFirstResponse = waitsForFirstResponse(rollout, config);
  const version = desiredVersion(rollout, state);
  return enterPhase(
    { ...state, notifiedTargets },
    { name: 'confirming', rollout, tries },
    (generation) => ({
      type: 'confirm',
      generation,
      rollout: rollout.rollout,
      version,
      waitForFirstResponse,
    }),
  );
}

/**
 * Whether the deadline waits for the app's first answer: where no delivery has reached it in this
 * run of the sidecar, it may be down for other reasons, and then nothing speaks against the version.
 */
function waitsForFirstResponse(
  { reason, failure, resumed }: Rollout,
  config: RolloutConfig,
): boolean {
  const untold = config.publishes && config.targets.length === 0;
  return reason === 'start' || failure !== null || resumed === true || untold;
}

/** The app runs on it: keeps it as the last good one, or ends the way back. */
export function enterCommitting(
  state: State,
  rollout: Rollout,
  tries: Attempts,
  config: RolloutConfig,
): Move {
  if (rollout.failure !== null) return finishRollback(state, rollout, rollout.failure, config);
  return enterPhase(state, { name: 'committing', rollout, tries }, (generation) => ({
    type: 'commit',
    generation,
    rollout: rollout.rollout,
    version: rollout.version,
  }));
}

/** Ends the rollout under way, if there is one, for the version that waits. */
export function supersede(state: State, config: RolloutConfig): Move {
  const old = rolloutOf(state);
  const { next: newer } = state;
  if (newer === null) return [state, []];
  const finish = old === null ? [] : [superseded(old, old.failure)];
  return prependEffects(finish, enterNewRollout(state, newer, 'changed', config));
}

/** After the app was told, or something was published, the last good one has to come back. */
export function enterRollback(
  state: State,
  rollout: Rollout,
  failure: Failure,
  config: RolloutConfig,
): Move {
  // The last good one of an earlier pod may be published, and not have been committed here yet.
  const isActive = state.active === state.lastGood;
  const touched =
    state.published !== state.lastGood || state.notifiedTargets.length > 0 || !isActive;
  const canGoBack = config.publishes && config.onFailure === 'rollback' && state.lastGood !== null;
  if (canGoBack && touched)
    return enterPublishing(state, { ...rollout, failure }, FIRST_ATTEMPT, config);
  return finishFailed(state, rollout, failure, 'rejected', config);
}

/** Goes on with the rollout under way, unless its version has been quarantined meanwhile. */
export function continueUnlessQuarantined(
  state: State,
  go: (state: State) => Move,
  config: RolloutConfig,
): Move {
  const rollout = rolloutOf(state);
  if (rollout === null || rollout.failure !== null) return go(state);
  const known = findQuarantined(state, rollout.version);
  if (known === undefined) return go(state);
  const { step, findings } = known;
  return enterRollback(state, rollout, { kind: 'refused', step, findings }, config);
}

/** Nothing is being done that would have to be waited for. */
export function isInterruptible({ name }: Phase): boolean {
  return name === 'retrying' || name === 'confirming';
}

function finishRollback(
  state: State,
  rollout: Rollout,
  failure: Failure,
  config: RolloutConfig,
): Move {
  const restored: State = { ...state, active: state.lastGood, notifiedTargets: [] };
  return finishFailed(restored, rollout, failure, 'rolled-back', config);
}

/** Ends a failed rollout; one that failed by a fault is tried again after a while. */
function finishFailed(
  state: State,
  { rollout, version }: Rollout,
  failure: Failure,
  outcome: 'rejected' | 'rolled-back',
  config: RolloutConfig,
): Move {
  const finish: Effect = { type: 'finish', rollout, version, outcome, failure };
  const idle: State = { ...state, generation: state.generation + 1, phase: { name: 'steady' } };
  const isDesired = state.desired === version && state.checking === null;
  // The way back from a crash may end on the very version that the volume holds.
  if (!isDesired || isInPlace(idle, version, config)) return [idle, [finish]];
  const { step, findings } = failure;
  const rejected: State = { ...idle, rejected: { rollout, version, step, findings } };
  if (failure.kind !== 'fault' && failure.kind !== 'interrupted') return [rejected, [finish]];
  return scheduleRetry([rejected, [finish]], { version }, config);
}

/** What failed, but not by itself, is tried again, after twice as long each time. */
export function scheduleRetry(
  [state, effects]: Move,
  again: Omit<PendingRetry, 'failures'>,
  config: RolloutConfig,
): Move {
  const { version } = again;
  const failures = (state.pendingRetry?.version === version ? state.pendingRetry.failures : 0) + 1;
  const ms = againMs(failures, config);
  const ends = effects.map((effect) =>
    effect.type === 'finish' && effect.version === version
      ? { ...effect, pendingRetryMs: ms }
      : effect,
  );
  const wait: Effect = { type: 'wait-again', version, ms };
  return [{ ...state, pendingRetry: { ...again, failures } }, [...ends, wait]];
}

/** The longest wait before a version that failed by a fault is tried again. */
export const MAX_PENDING_RETRY_MS = 15 * 60_000;

/** First after the longest wait between two tries, then at doubling intervals. */
export function againMs(failures: number, { targets }: RolloutConfig): number {
  const firstMs = Math.max(...targets.map((retries) => retries.maxMs), 0) || OWN_RETRIES.maxMs;
  return Math.min(firstMs * 2 ** (failures - 1), MAX_PENDING_RETRY_MS);
}

interface Retry {
  readonly rollout: Rollout;
  readonly step: RetryableStep;
  readonly target?: number;
  readonly tries: Attempts;
  /** Not sooner than this. */
  readonly afterMs?: number;
  /** Nobody was there, and the wait may end when somebody appears. */
  readonly absent?: boolean;
}

/** Waits, twice as long each time, before the step is done again. */
export function enterRetrying(
  state: State,
  { rollout, step, target = 0, afterMs = 0, absent = false, ...again }: Retry,
  findings: readonly Finding[],
  { backoffMs, maxMs }: RetrySettings,
): Move {
  const tries: Attempts = { ...again.tries, findings };
  const backMs = Math.min(backoffMs * 2 ** (tries.attempt - 1), maxMs);
  const leastMs = Math.min(afterMs, MAX_PENDING_RETRY_MS);
  const phase: Phase = { name: 'retrying', rollout, step, target, tries };
  return enterPhase(state, phase, (generation) => ({
    type: 'wait',
    generation,
    ms: Math.max(backMs, leastMs),
    ...(leastMs > 0 ? { leastMs } : {}),
    ...(absent ? { absent: target } : {}),
  }));
}

/** Does the step of a retrying phase again, as the next attempt. */
export function retryStep(
  state: State,
  phase: Phase & { name: 'retrying' },
  config: RolloutConfig,
): Move {
  const { rollout, step, target } = phase;
  const tries: Attempts = { ...phase.tries, attempt: phase.tries.attempt + 1 };
  switch (step) {
    case 'publish':
      return enterPublishing(state, rollout, tries, config);
    case 'deliver':
      return enterDelivering(state, rollout, target, tries, config);
    case 'confirm':
      return enterConfirming(state, rollout, tries, config);
    case 'commit':
      return enterCommitting(state, rollout, tries, config);
  }
}

/** A change of phase: from now on, answers to the one before are late. */
export function enterPhase(
  state: State,
  phase: Phase,
  effectOf: (generation: number) => Effect,
): Move {
  const generation = state.generation + 1;
  return [{ ...state, generation, phase }, [effectOf(generation)]];
}

import { backoff } from '@lastgood/core/model/backoff.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { absenceLimitMs } from './absence.ts';
import { countAbsence, crashFailure } from './crashes.ts';
import type { Finish, Move } from './events.ts';
import type { Outcome } from './outcome.ts';
import { quarantine } from './quarantine.ts';
import {
  type Failure,
  isInPlace,
  OWN_RETRIES,
  type PendingRetry,
  type Rejection,
  type Rollout,
  type RolloutConfig,
  type State,
} from './state.ts';

/** The longest wait before a version that failed by a fault is tried again. */
export const MAX_PENDING_RETRY_MS = 15 * 60_000;

/** The effect that ends a rollout. */
export function finish(
  { rollout, version }: Pick<Rejection, 'rollout' | 'version'>,
  outcome: Outcome,
  failure: Failure | null = null,
): Finish {
  return { type: 'finish', rollout, version, outcome, failure };
}

/** Ends a failed rollout. After a fault, its version is tried again later. */
export function finishFailed(
  state: State,
  ended: Rollout,
  failure: Failure,
  outcome: 'rejected' | 'rolled-back',
  config: RolloutConfig,
): Move {
  const { rollout, version, needsRestart } = ended;
  const end = finish({ rollout, version }, outcome, failure);
  const idle: State = { ...state, generation: state.generation + 1, phase: { name: 'steady' } };
  const isDesired = state.desired === version && state.checking === null;
  // A rollback after a crash may end on the very version that the volume holds.
  if (!isDesired || isInPlace(idle, version, config)) return [idle, [end]];
  const { kind, step, findings } = failure;
  const rejected: State = { ...idle, rejected: { rollout, version, step, findings } };
  if (kind !== 'fault' && kind !== 'interrupted') return [rejected, [end]];
  if (failure.isAbsence && outcome === 'rolled-back')
    return finishAbsence(rejected, ended, failure, config);
  const isDelivery = step === 'deliver' && kind === 'fault' && !failure.isAbsence;
  const deliveries = failedDeliveries(state, version) + Number(isDelivery);
  if (isDelivery && deliveries >= (config.quarantineAfter ?? Infinity))
    return [quarantine(rejected, { rollout, version }, failure), [end]];
  return schedulePendingRetry([rejected, [end]], { version, deliveries, needsRestart }, config);
}

/** The app was absent on this version, and is there on the last good one. */
function finishAbsence(
  before: State,
  ended: Rollout,
  failure: Failure,
  config: RolloutConfig,
): Move {
  const { rollout, version, needsRestart } = ended;
  const turnMs = absenceLimitMs(before, { ...ended, failure: null }, config) ?? 0;
  const state = countAbsence(before, version, turnMs);
  const crash = crashFailure(state, { version });
  const end = finish({ rollout, version }, 'rolled-back', crash ?? failure);
  const deliveries = failedDeliveries(state, version);
  if (crash === undefined)
    return schedulePendingRetry([state, [end]], { version, deliveries, needsRestart }, config);
  const { step, findings } = crash;
  const rejected: State = { ...state, rejected: { rollout, version, step, findings } };
  return [quarantine(rejected, { rollout, version }, crash), [end]];
}

/** How many rollouts of this version in a row have failed because a target answered with a fault. */
export function failedDeliveries({ pendingRetry }: State, version: Version): number {
  return pendingRetry?.version === version ? (pendingRetry.deliveries ?? 0) : 0;
}

/** Adds a later retry of the version, after this delay or the next longer one, to a move. */
export function schedulePendingRetry(
  [state, effects]: Move,
  retry: Omit<PendingRetry, 'failures'>,
  config: RolloutConfig,
  delayMs?: number,
): Move {
  const { version } = retry;
  const failures = (state.pendingRetry?.version === version ? state.pendingRetry.failures : 0) + 1;
  const ms = delayMs ?? pendingRetryMs(failures, config);
  const ends = effects.map((effect) =>
    effect.type === 'finish' && effect.version === version
      ? { ...effect, pendingRetryMs: ms }
      : effect,
  );
  const pendingRetry = { ...retry, failures };
  return [{ ...state, pendingRetry }, [...ends, { type: 'wait-pending-retry', version, ms }]];
}

/** At first the longest wait between two attempts of a target, then twice as long each time. */
export function pendingRetryMs(failures: number, { targets }: RolloutConfig): number {
  const longestMs = Math.max(...targets.map(({ maxMs }) => maxMs), 0) || OWN_RETRIES.maxMs;
  return backoff(failures, { backoffMs: longestMs, maxMs: MAX_PENDING_RETRY_MS });
}

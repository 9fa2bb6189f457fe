import { backoff } from '@lastgood/core/model/backoff.ts';
import type { Outcome } from './outcome.ts';
import {
  type Failure,
  type Finish,
  isInPlace,
  type Move,
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
  { rollout, version }: Rollout,
  failure: Failure,
  outcome: 'rejected' | 'rolled-back',
  config: RolloutConfig,
): Move {
  const end = finish({ rollout, version }, outcome, failure);
  const idle: State = { ...state, generation: state.generation + 1, phase: { name: 'steady' } };
  const isDesired = state.desired === version && state.checking === null;
  // A rollback after a crash may end on the very version that the volume holds.
  if (!isDesired || isInPlace(idle, version, config)) return [idle, [end]];
  const { kind, step, findings } = failure;
  const rejected: State = { ...idle, rejected: { rollout, version, step, findings } };
  if (kind !== 'fault' && kind !== 'interrupted') return [rejected, [end]];
  return schedulePendingRetry([rejected, [end]], { version }, config);
}

/** Adds a later retry of the version to a move that rejects it for a fault. */
export function schedulePendingRetry(
  [state, effects]: Move,
  retry: Omit<PendingRetry, 'failures'>,
  config: RolloutConfig,
): Move {
  const { version } = retry;
  const failures = (state.pendingRetry?.version === version ? state.pendingRetry.failures : 0) + 1;
  const ms = pendingRetryMs(failures, config);
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

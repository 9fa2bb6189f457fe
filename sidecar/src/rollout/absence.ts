/** Decides how long an app may be absent: the version that is published may be why it cannot start. */

import { backoff } from '@lastgood/core/model/backoff.ts';
import { findQuarantined } from './quarantine.ts';
import type { Attempts, Rollout, RolloutConfig, State } from './state.ts';

/** The longest turn: a model server may load for more than 15 minutes. */
const MAX_TURN_MS = 60 * 60_000;

/** Whether a failed version can be replaced by the last good one. */
export function canRollBack({ lastGood }: State, { publishes, onFailure }: RolloutConfig): boolean {
  return publishes && onFailure === 'rollback' && lastGood !== null;
}

/**
 * How long the app may be absent before the other version gets its turn: the last good one, or in a
 * rollback the newer one. Twice as long each time, so that an app that starts slowly gets ready in the
 * end. Undefined: without end, because there is no other version, or because this is the first start of
 * a pod: nothing tells an app that loads for long from one that cannot start.
 */
export function absenceLimitMs(
  state: State,
  rollout: Rollout,
  config: RolloutConfig,
): number | undefined {
  const isRollback = rollout.failure !== null;
  if (!isRollback && rollout.reason === 'start') return undefined;
  const hasOther = isRollback ? mayTryAgain(state, rollout) : rollout.version !== state.lastGood;
  const { maxAbsenceMs: backoffMs } = config;
  if (backoffMs === undefined || !hasOther || !canRollBack(state, config)) return undefined;
  const turns = state.pendingRetry?.version === rollout.version ? state.pendingRetry.failures : 0;
  return backoff(turns + 1, { backoffMs, maxMs: Math.max(backoffMs, MAX_TURN_MS) });
}

/** Whether the app has been absent for longer than this delivery may wait. */
export function isAbsentTooLong(
  state: State,
  rollout: Rollout,
  { absentMs = 0 }: Attempts,
  config: RolloutConfig,
): boolean {
  return absentMs >= (absenceLimitMs(state, rollout, config) ?? Infinity);
}

/** Whether the version of a rollback is still wanted: neither the app nor a check has refused it. */
function mayTryAgain(state: State, { version, failure }: Rollout): boolean {
  const { desired, checking, rejected } = state;
  const hasFailed = failure?.kind !== 'fault' && failure?.kind !== 'restart';
  if (hasFailed || desired !== version || checking !== null) return false;
  const failedChecks = rejected?.version === version && rejected.step in CHECKS;
  return !failedChecks && findQuarantined(state, version) === undefined;
}

const CHECKS = { capture: true, validate: true, prepare: true };

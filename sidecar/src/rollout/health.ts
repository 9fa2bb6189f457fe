import type { Finding } from '@lastgood/core/model/finding.ts';
import { type RolloutConfig, rolloutOf, type State } from './state.ts';

export interface Health {
  readonly state: 'ok' | 'degraded' | 'not-ready';
  /** One short sentence; absent when all is well. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

/** Ready: the app finds, or runs on, something that is known to be good. */
export function isReady(state: State, config: RolloutConfig): boolean {
  if (config.publishes) return state.published !== null;
  return state.active !== null || rolloutOf(state) !== null;
}

/**
 * The health of a bundle as `/readyz`, `/status` and the metrics show it. `blocked` says why nothing
 * goes on at all.
 */
export function healthOf(
  state: State,
  config: RolloutConfig,
  blocked: Finding | null = null,
): Health {
  const { phase, rejected } = state;
  if (blocked !== null)
    return {
      state: isReady(state, config) ? 'degraded' : 'not-ready',
      reason: 'nothing can go on',
      findings: [blocked],
    };
  if (!isReady(state, config))
    return {
      state: 'not-ready',
      reason: rejected === null ? 'no snapshot has been checked yet' : 'there is no good snapshot',
      findings: rejected?.findings ?? [],
    };
  const failed = 'tries' in phase ? phase.tries.findings : [];
  const rollout = rolloutOf(state);
  if (rollout?.failure)
    return {
      state: 'degraded',
      reason: 'the last good snapshot is being put back',
      findings: failed.length > 0 ? failed : rollout.failure.findings,
    };
  if (failed.length > 0)
    return { state: 'degraded', reason: `${phase.name}, not at the first try`, findings: failed };
  if (rejected !== null)
    return {
      state: 'degraded',
      reason: `the newest content was rejected by ${rejected.step}`,
      findings: rejected.findings,
    };
  return { state: 'ok', findings: [] };
}

import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Failure, Rejection, Rollout, State } from './state.ts';

/** Number of rejected versions to remember; beyond it the oldest one is forgotten. */
export const MAX_QUARANTINE = 100;

/** Why a version is not tried again; undefined if it is not quarantined. */
export function findQuarantined(state: State, version: Version): Rejection | undefined {
  return state.quarantine.find((entry) => entry.version === version);
}

/** Quarantines the version of a rollout, except the last good one: without it there is no rollback. */
export function quarantine(
  state: State,
  rollout: Pick<Rollout, 'rollout' | 'version'>,
  { step, findings }: Failure,
): State {
  const { version } = rollout;
  if (version === state.lastGood) return state;
  const others = state.quarantine.filter((entry) => entry.version !== version);
  const entry = { rollout: rollout.rollout, version, step, findings };
  // A wait for its next try may still be running.
  const pendingRetry = state.pendingRetry?.version === version ? null : state.pendingRetry;
  return { ...state, pendingRetry, quarantine: [...others, entry].slice(-MAX_QUARANTINE) };
}

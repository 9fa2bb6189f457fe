import type { Version } from '@lastgood/core/model/snapshot.ts';
import type {
  Candidate,
  Effect,
  Failure,
  Move,
  Rejection,
  Rollout,
  RolloutConfig,
  State,
} from './state.ts';

/** How many rejected versions are remembered; the oldest is forgotten first. */
export const MAX_QUARANTINE = 100;

/** The app runs on just this version, and on nothing else by chance: nobody has to be told. */
export function isInPlace(state: State, version: Version, config: RolloutConfig): boolean {
  const published = !config.publishes || state.published === version;
  return state.active === version && published && state.notifiedTargets.length === 0;
}

/** Why a version is not tried again, if it is not. */
export function findQuarantined(state: State, version: Version): Rejection | undefined {
  return state.quarantine.find((entry) => entry.version === version);
}

/** The last good version is never quarantined: there would be nothing left to run on. */
export function quarantine(state: State, rollout: Rollout, { step, findings }: Failure): State {
  const { version } = rollout;
  if (version === state.lastGood) return state;
  const others = state.quarantine.filter((entry) => entry.version !== version);
  const entry = { rollout: rollout.rollout, version, step, findings };
  return { ...state, quarantine: [...others, entry].slice(-MAX_QUARANTINE) };
}

/** A newer candidate came; `failure` if the older one had failed already. */
export function superseded(
  { rollout, version }: Candidate,
  failure: Failure | null = null,
): Effect {
  return { type: 'finish', rollout, version, outcome: 'superseded', failure };
}

/** Nothing had to be told to anybody. */
export function unchanged({ rollout, version }: Candidate): Effect {
  return { type: 'finish', rollout, version, outcome: 'unchanged', failure: null };
}

/** A move with more effects before its own. */
export function prependEffects(effects: readonly Effect[], [state, more]: Move): Move {
  return [state, [...effects, ...more]];
}

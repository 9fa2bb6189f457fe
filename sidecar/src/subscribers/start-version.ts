import type { Version } from '@lastgood/core/model/snapshot.ts';
import { type Phase, rolloutOf, type State } from '../rollout/state.ts';

/**
 * The version that a process starts on now, or, as a running one, should be on: a good one, never a
 * candidate (P4), except where only a new process can take it. Null: there is none yet. `runs`: a
 * process that has switched before the sidecar restarted keeps the new version.
 */
export function findStartVersion(state: State, runs?: Version): Version | null {
  const { phase, active, lastGood } = state;
  const good = active ?? lastGood;
  const rollout = rolloutOf(state);
  if (rollout === null) return phase.name === 'starting' && phase.firstStart ? null : good;
  if (rollout.failure !== null) return lastGood ?? good;
  // It is proven, and only has to be kept.
  if (stepOf(phase) === 'commit') return rollout.version;
  const isReady = isPublished(phase);
  if (isReady && runs === rollout.version) return runs;
  // Before anything was ever active, there is no other version to start on.
  if (good !== null && rollout.reason !== 'start' && !rollout.needsRestart) return good;
  if (isReady) return rollout.version;
  // The old version would need a restart again at once: a process that starts waits for the publish.
  return phase.name === 'pending-restart' ? good : null;
}

/** The step that a phase does or waits for. */
export function stepOf(phase: Phase): string {
  if (phase.name === 'committing') return 'commit';
  if (phase.name === 'confirming') return 'confirm';
  return phase.name === 'retrying' ? phase.step : phase.name;
}

/** Whether the version of a rollout is where a process finds it when it starts. */
function isPublished(phase: Phase): boolean {
  if (phase.name === 'retrying') return phase.step !== 'publish';
  return phase.name !== 'publishing' && phase.name !== 'pending-restart';
}

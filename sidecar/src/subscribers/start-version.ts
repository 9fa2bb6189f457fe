import type { Version } from '@lastgood/core/model/snapshot.ts';
import { type Phase, rolloutOf, type State } from '../rollout/state.ts';

/** What is known of the process. */
interface Started {
  /** A process that has switched before the sidecar restarted keeps the new version. */
  readonly runs?: Version | undefined;
  /** The app cannot start on the active version. */
  readonly isStuck?: boolean | undefined;
}

/**
 * The version that a process starts on now, or, as a running one, should be on: a good one, never a
 * candidate (P4), except where only a new process can take it, or a fix would never arrive. Null: there
 * is none yet.
 */
export function findStartVersion(state: State, { runs, isStuck }: Started = {}): Version | null {
  const { phase, active, lastGood } = state;
  const good = active ?? lastGood;
  const rollout = rolloutOf(state);
  if (rollout === null) return isFirstStart(state) ? null : good;
  if (rollout.failure !== null) return lastGood ?? good;
  // It is proven, and only has to be kept.
  if (stepOf(phase) === 'commit') return rollout.version;
  const isReady = isPublished(phase);
  if (isReady && runs === rollout.version) return runs;
  // Before anything was ever active, there is no other version to start on.
  const isOnIt = rollout.reason === 'start' || rollout.needsRestart !== undefined || isStuck;
  if (good !== null && !isOnIt) return good;
  if (isReady) return rollout.version;
  // The old version would need a restart again at once: a process that starts waits for the publish.
  return phase.name === 'pending-restart' ? good : null;
}

/** Whether the first version of a pod is not known yet. */
export function isFirstStart({ phase }: State): boolean {
  return phase.name === 'starting' && phase.firstStart;
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

import { findingOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { EventOf } from './events.ts';
import type { Crashes, Failure, Rollout, State } from './state.ts';

/** So many crashes on the same version are no coincidence. */
const MAX_CRASHES = 2;

/** The kubelet waits up to five minutes before it starts a container again. */
const MAX_RESTART_WAIT_MS = 5 * 60_000;

/**
 * Notes whether the app crashes on the version of a rollout: it ends the connection without an answer,
 * and is then absent. In a rollback the answer is about the last good version, but shows it as well.
 */
export function noteCrash(
  state: State,
  { version, failure }: Rollout,
  target: number,
  { answer, isReset }: Pick<EventOf<'answered'>, 'answer' | 'isReset'>,
): State {
  const known = state.crashes?.version === version ? state.crashes : undefined;
  const isSuspected = known?.isSuspected === true && known.target === target;
  // In a rollback the app has been notified of another version.
  const isSuspect = isReset === true && failure === null;
  // It crashes on the last good version as well, so the other one is not to blame.
  const crashesAnyway = isReset === true && !isSuspect && known?.isSuspected === false;
  if (crashesAnyway && known.target === target) return { ...state, crashes: null };
  if (!isSuspect && known?.target !== target) return state;
  const count = (known?.count ?? 0) + Number(answer === 'absent' && isSuspected);
  const crashes: Crashes = { version, target, count, isSuspected: isSuspect };
  return { ...state, crashes };
}

/**
 * Notes that the app did not start on a version, but does on the last good one. A turn that is shorter
 * than the kubelet's wait before a restart shows nothing.
 */
export function countAbsence(state: State, version: Version, turnMs: number): State {
  if (turnMs < MAX_RESTART_WAIT_MS) return state;
  const count = (state.crashes?.version === version ? state.crashes.count : 0) + 1;
  return { ...state, crashes: { version, target: 0, count, isSuspected: false } };
}

/** Why the version of a rollout is not tried again after its crashes; undefined: it is. */
export function crashFailure(
  { crashes, lastGood }: State,
  { version }: Pick<Rollout, 'version'>,
): Failure | undefined {
  const count = crashes?.version === version ? crashes.count : 0;
  // It has run before, and there is nothing else to go back to.
  if (count < MAX_CRASHES || version === lastGood) return undefined;
  return { kind: 'refused', step: 'deliver', findings: [findingOf('LG_DELIVER_CRASHED', [count])] };
}

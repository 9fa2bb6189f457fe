import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Round } from './round.ts';
import type { Subscriber } from './subscriber.ts';

/** Runs on the version, and has nothing else to do. */
export function isOn({ phase, runs }: Subscriber, version: Version): boolean {
  return runs === version && phase.name === 'running';
}

export function isPreparing({ phase }: Subscriber, round: Round): boolean {
  return phase.name === 'preparing' && phase.round === round;
}

export function isPreparingOther({ phase }: Subscriber, rollout: string): boolean {
  return phase.name === 'preparing' && phase.round.rollout !== rollout;
}

export function isCommitting({ phase }: Subscriber, round: Round): boolean {
  return phase.name === 'committing' && phase.round === round;
}

/** Has said that it must be restarted for a version. */
export function needsRestart({ phase }: Subscriber): boolean {
  return phase.name === 'preparing' && phase.answer?.verdict === 'restart';
}

/** Whether it could not start, on another version than this one. */
export function hasFailedToStart({ phase }: Subscriber, version: Version): boolean {
  if (phase.name === 'unable') return phase.version !== version;
  return phase.name === 'starting' && phase.snapshot.version !== version;
}

export function isReturning({ phase }: Subscriber): boolean {
  return phase.name === 'returning';
}

/**
 * Whether it can prepare this version now. `takesOver`: in place of an older one that it has only prepared,
 * or of a last good one that it cannot go back to.
 */
export function isFree(subscriber: Subscriber, round: Round, takesOver: boolean): boolean {
  const { phase, runs, isConnected } = subscriber;
  if (!isConnected) return false;
  if (phase.name === 'running') return runs !== round.version;
  if (!takesOver) return false;
  if (phase.name === 'returning') return phase.answer !== null;
  return phase.name === 'preparing' && phase.round !== round;
}

/** In a rollback: whether it may run on something other than the last good version. */
export function isElsewhere({ phase, runs }: Subscriber, version: Version): boolean {
  switch (phase.name) {
    case 'waiting':
    case 'returning':
      return false;
    case 'starting':
      return phase.snapshot.version !== version;
    case 'committing':
      return true;
    case 'unable':
      return runs !== undefined && runs !== version;
    default:
      return runs !== version;
  }
}

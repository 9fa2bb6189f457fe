import { isStillWanted, rolloutOf, type State } from '../rollout/state.ts';
import type { Subscriber } from './subscriber.ts';

/** The ids of the rollouts that are not over. */
export function liveRollouts(state: State): ReadonlySet<string | undefined> {
  const { checking, next } = state;
  return new Set([checking?.rollout, next?.rollout, rolloutOf(state)?.rollout]);
}

/** Ends what subscribers still do for rollouts that are over. */
export function endRounds(subscribers: readonly Subscriber[], state: State): void {
  const live = liveRollouts(state);
  const current = rolloutOf(state);
  for (const each of subscribers) {
    const { phase } = each;
    if (phase.name === 'preparing') {
      const { rollout } = phase.round;
      const isRolledBack = current?.rollout === rollout && !isStillWanted(current);
      if (!live.has(rollout) || isRolledBack) each.abort('this version is not rolled out');
    } else if (phase.name === 'committing' && !live.has(phase.round.rollout)) each.settle();
    else if (phase.name === 'returning' && phase.rollout !== current?.rollout) each.settle();
  }
}

/** The active version has changed: a process that is not on it was left out, or came later. */
export function noteActive(
  subscribers: readonly Subscriber[],
  before: State,
  { active }: State,
): void {
  const ended = rolloutOf(before);
  const isSame = ended?.skipNotify === true && ended.version === active;
  for (const each of subscribers) {
    // No process needs to switch to a version with the same meaning.
    if (isSame && active !== null && each.runs === before.active) each.runs = active;
    else each.isBehind ||= each.runs !== active;
  }
}

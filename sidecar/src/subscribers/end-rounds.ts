import { isStillWanted, rolloutOf, type State } from '../rollout/state.ts';
import type { Subscriber } from './subscriber.ts';

/** The ids of the rollouts that are not over. */
export function liveRollouts(state: State): ReadonlySet<string | undefined> {
  const { checking, next } = state;
  return new Set([checking?.rollout, next?.rollout, rolloutOf(state)?.rollout]);
}

/** Ends what subscribers still do for rollouts that are over. */
export function endRounds(subscribers: readonly Subscriber[], state: State): void {
  for (const each of subscribers.filter((subscriber) => isOver(subscriber, state)))
    if (each.phase.name === 'preparing') each.abort(reasonOver(state, each.phase.round.rollout));
    else each.settle();
}

/** Why a rollout is over. Its findings show no secret, as `/status` has them too (P8). */
function reasonOver(state: State, rollout: string): string {
  const current = rolloutOf(state);
  const failed = current?.rollout === rollout ? current.failure : null;
  const rejected = state.rejected?.rollout === rollout ? state.rejected : null;
  const [finding] = (failed ?? rejected)?.findings ?? [];
  return finding?.message ?? 'this version is not rolled out';
}

function isOver({ phase }: Subscriber, state: State): boolean {
  const current = rolloutOf(state);
  switch (phase.name) {
    case 'preparing': {
      const { rollout } = phase.round;
      const isRolledBack = current?.rollout === rollout && !isStillWanted(current);
      return isRolledBack || !liveRollouts(state).has(rollout);
    }
    case 'committing':
      return !liveRollouts(state).has(phase.round.rollout);
    case 'returning':
      return phase.rollout !== current?.rollout;
    case 'starting': {
      // In a rollback it starts on the version before instead.
      const isFailed = current?.failure != null && current.version !== state.lastGood;
      return isFailed && phase.snapshot.version === current.version;
    }
    default:
      return false;
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

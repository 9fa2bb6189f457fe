import type { Version } from '@lastgood/core/model/snapshot.ts';
import {
  type Candidate,
  EMPTY,
  FIRST_TRY,
  type Move,
  type Plan,
  type Redo,
  type Rollout,
  type RolloutPhase,
  type State,
} from './state.ts';
import { aimOf, tryAgain, unlessDisowned } from './transitions.ts';

/** What is really there when the sidecar starts, whatever the journal says. */
export interface Facts {
  /** The state of the journal; null when there is none. */
  readonly saved: State | null;
  /**
   * Version of the published directory's content, in direct mode of the volume's; null: there is
   * nothing. What is unreadable may be anything, and the app may run on it.
   */
  readonly visible: Version | 'unreadable' | null;
  /** Version of the last good snapshot that is kept in `stateDir`. */
  readonly lastGood: Version | null;
  /** An unused id, for a rollout that the recovery itself may need. */
  readonly spare: string;
}

/**
 * Goes on where a stopped or killed sidecar was (P7). A rollout whose content is still in place is
 * resumed at its step; any other waits for the first verdict on the volume, which either starts
 * anew or goes back to the last good one.
 */
export function recover({ saved, visible, lastGood, spare }: Facts, plan: Plan): Move {
  const fresh = plan.publishes ? visible === null : saved === null;
  const base = saved ?? EMPTY;
  const state: State = {
    ...base,
    seq: base.seq + 1,
    phase: { name: 'starting', fresh, cutOff: cutOffOf(base), spare },
    desired: null,
    checking: null,
    next: null,
    rejected: null,
    // Nobody vouches for what was found in a published directory without a journal.
    published: plan.publishes && saved !== null && visible !== 'unreadable' ? visible : null,
    // A kill between the two writes of a commit leaves the snapshot saved, and so confirmed.
    active: fresh ? null : (lastGood ?? base.active),
    lastGood,
    told: fresh ? [] : toldOf(base, visible !== lastGood, plan),
  };
  if (fresh || !('rollout' in base.phase)) return [state, []];
  return resume(state, base.phase, visible, plan);
}

/** A kill right after the rename leaves something published that nobody was noted to have read. */
function toldOf(base: State, isOther: boolean, plan: Plan): readonly number[] {
  return plan.publishes && isOther ? plan.targets.map((_, index) => index) : base.told;
}

function cutOffOf({ phase }: State): Candidate | null {
  if (phase.name === 'starting') return phase.cutOff;
  return 'rollout' in phase ? phase.rollout : null;
}

function resume(state: State, phase: RolloutPhase, visible: Facts['visible'], plan: Plan): Move {
  const rollout: Rollout = { ...phase.rollout, resumed: true };
  const inPlace = visible === aimOf(rollout, state);
  // On the way back the last good one is at hand, whatever is visible now.
  const isBack = rollout.failure !== null && plan.publishes && state.lastGood !== null;
  if (!inPlace && !isBack) return [state, []];
  const step = inPlace ? stepOf(phase, plan) : 'publish';
  const reached = 'target' in phase ? phase.target : 0;
  // Those before it were told before there was anything to compare with: all are told anew.
  const isAnew = plan.compares === true && step === 'deliver' && reached > 0;
  const [target, tries] = isAnew ? [0, FIRST_TRY] : [reached, phase.tries];
  const retrying = { name: 'retrying', rollout, step, target, tries } as const;
  // A kill may have come between the no to it and the end of the effect that was in hand (P4).
  return unlessDisowned({ ...state, phase: retrying }, (s) => tryAgain(s, retrying, plan), plan);
}

function stepOf(phase: RolloutPhase, { compares, targets }: Plan): Redo {
  switch (phase.name) {
    case 'retrying':
      return phase.step === 'confirm' && compares ? 'deliver' : phase.step;
    case 'publishing':
      // It is in place, and an app that nobody tells may have seen it: too late to look what was before.
      return compares && targets.length === 0 ? 'deliver' : 'publish';
    case 'delivering':
      return 'deliver';
    case 'confirming':
      // What it would be compared with was only known to the sidecar that is gone; where there is
      // nobody to tell again it is kept, and this leads straight to the proof.
      return compares ? 'deliver' : 'confirm';
    case 'committing':
      return 'commit';
  }
}

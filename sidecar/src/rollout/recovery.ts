import type { Version } from '@lastgood/core/model/snapshot.ts';
import {
  type Candidate,
  EMPTY,
  FIRST_ATTEMPT,
  type Move,
  type RetryableStep,
  type Rollout,
  type RolloutConfig,
  type RolloutPhase,
  type State,
} from './state.ts';
import { continueUnlessQuarantined, desiredVersion, retryStep } from './transitions.ts';

/** What is really there when the sidecar starts, whatever the journal says. */
export interface RecoveryInput {
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
  readonly rollbackId: string;
}

/**
 * Goes on where a stopped or killed sidecar was (P7). A rollout whose content is still in place is
 * resumed at its step; any other waits for the first verdict on the volume, which either starts
 * anew or goes back to the last good one.
 */
export function recover(
  { saved, visible, lastGood, rollbackId }: RecoveryInput,
  config: RolloutConfig,
): Move {
  const firstStart = config.publishes ? visible === null : saved === null;
  const base = saved ?? EMPTY;
  const state: State = {
    ...base,
    generation: base.generation + 1,
    phase: {
      name: 'starting',
      firstStart,
      interrupted: interruptedRollout(base),
      rollbackId,
    },
    desired: null,
    checking: null,
    next: null,
    rejected: null,
    // Nobody vouches for what was found in a published directory without a journal.
    published: config.publishes && saved !== null && visible !== 'unreadable' ? visible : null,
    // A kill between the two writes of a commit leaves the snapshot saved, and so confirmed.
    active: firstStart ? null : (lastGood ?? base.active),
    lastGood,
    notifiedTargets: firstStart ? [] : recoverNotifiedTargets(base, visible !== lastGood, config),
  };
  if (firstStart || !('rollout' in base.phase)) return [state, []];
  return resume(state, base.phase, visible, config);
}

/** A kill right after the rename leaves something published that nobody was noted to have read. */
function recoverNotifiedTargets(
  base: State,
  isOther: boolean,
  config: RolloutConfig,
): readonly number[] {
  return config.publishes && isOther
    ? config.targets.map((_, index) => index)
    : base.notifiedTargets;
}

function interruptedRollout({ phase }: State): Candidate | null {
  if (phase.name === 'starting') return phase.interrupted;
  return 'rollout' in phase ? phase.rollout : null;
}

function resume(
  state: State,
  phase: RolloutPhase,
  visible: RecoveryInput['visible'],
  config: RolloutConfig,
): Move {
  const rollout: Rollout = { ...phase.rollout, resumed: true };
  const inPlace = visible === desiredVersion(rollout, state);
  // On the way back the last good one is at hand, whatever is visible now.
  const isBack = rollout.failure !== null && config.publishes && state.lastGood !== null;
  if (!inPlace && !isBack) return [state, []];
  const step = inPlace ? resumedStep(phase, config) : 'publish';
  const reached = 'target' in phase ? phase.target : 0;
  // Those before it were told before there was anything to compare with: all are told anew.
  const isAnew = config.compares === true && step === 'deliver' && reached > 0;
  const [target, tries] = isAnew ? [0, FIRST_ATTEMPT] : [reached, phase.tries];
  const retrying = { name: 'retrying', rollout, step, target, tries } as const;
  // A kill may have come between the no to it and the end of the effect that was in hand (P4).
  return continueUnlessQuarantined(
    { ...state, phase: retrying },
    (s) => retryStep(s, retrying, config),
    config,
  );
}

function resumedStep(phase: RolloutPhase, { compares, targets }: RolloutConfig): RetryableStep {
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

import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { Move } from './events.ts';
import {
  type Attempts,
  EMPTY,
  FIRST_ATTEMPT,
  type PhaseOf,
  type RetryableStep,
  type Rollout,
  type RolloutConfig,
  type RolloutPhase,
  rolloutOf,
  type State,
} from './state.ts';
import { deliveryOrder, reachedTargets } from './targets.ts';
import {
  continueUnlessQuarantined,
  desiredVersion,
  enterPendingRestart,
  retryStep,
} from './transitions.ts';

/** The journal, and what is really there when the sidecar starts. */
export interface RecoveryInput {
  /** The state in the journal; null when there is none. */
  readonly saved: State | null;
  /**
   * Version of the published directory, in direct mode of the volume; null: it is empty. Content that
   * is unreadable to lastgood may still be what the app runs on.
   */
  readonly visible: Version | 'unreadable' | null;
  /** Version of the last good snapshot in `stateDir`. */
  readonly lastGood: Version | null;
  /** An unused id, for a rollback that the recovery may need. */
  readonly rollbackId: string;
}

/**
 * Continues where a stopped or killed sidecar was (P7). A rollout whose content is still in place
 * resumes at its step. Otherwise the first verdict on the volume decides: it starts a new rollout, or
 * rolls back to the last good version.
 */
export function recover(
  { saved, visible, lastGood, rollbackId }: RecoveryInput,
  config: RolloutConfig,
): Move {
  const firstStart = config.publishes ? visible === null : saved === null;
  const base = saved ?? EMPTY;
  const { phase } = base;
  // After a kill right after the rename, targets may run on a version without being noted for it.
  const mayAllRun = config.publishes && visible !== lastGood;
  const notifiedTargets = mayAllRun ? reachedTargets(base, config) : base.notifiedTargets;
  const state: State = {
    ...base,
    generation: base.generation + 1,
    phase: {
      name: 'starting',
      firstStart,
      interrupted: phase.name === 'starting' ? phase.interrupted : rolloutOf(base),
      rollbackId,
    },
    desired: null,
    checking: null,
    next: null,
    rejected: null,
    // Without a journal, the content of a published directory is of unknown origin.
    published: config.publishes && saved !== null && visible !== 'unreadable' ? visible : null,
    // A kill between the two writes of a commit leaves a snapshot that is saved, so it was confirmed.
    active: firstStart ? null : (lastGood ?? base.active),
    lastGood,
    notifiedTargets: firstStart ? [] : notifiedTargets,
  };
  if (firstStart || !('rollout' in phase)) return [state, []];
  return resume(state, phase, visible, config);
}

function resume(
  state: State,
  phase: RolloutPhase,
  visible: RecoveryInput['visible'],
  config: RolloutConfig,
): Move {
  const rollout: Rollout = { ...phase.rollout, resumed: true };
  const inPlace = visible === desiredVersion(rollout, state);
  // Otherwise nothing of it was published: the first verdict on the volume leads to the wait again.
  if (phase.name === 'pending-restart')
    return inPlace ? enterPendingRestart(state, rollout, config) : [state, []];
  // A rollback has the last good version at hand, whatever is visible now.
  const canRollBack = rollout.failure !== null && config.publishes && state.lastGood !== null;
  if (!inPlace && !canRollBack) return [state, []];
  const step = inPlace ? resumedStep(phase, config) : 'publish';
  const [first = 0] = deliveryOrder(config);
  const isDelivery =
    phase.name === 'delivering' || (phase.name === 'retrying' && phase.step === 'deliver');
  const reached = isDelivery ? phase.target : first;
  // The baseline must be older than every delivery, so all targets are notified again.
  const restarts = config.compares === true && step === 'deliver' && reached !== first;
  const [target, tries] = restarts ? [first, FIRST_ATTEMPT] : [reached, phase.tries];
  const retrying: PhaseOf<'retrying'> = { name: 'retrying', rollout, step, target, tries };
  const resumed: State = { ...state, phase: retrying };
  // It may have been quarantined while its last effect was still running (P4).
  return continueUnlessQuarantined(resumed, retryStep(resumed, retrying, config), config);
}

type Tried = Extract<RolloutPhase, { readonly tries: Attempts }>;

function resumedStep(phase: Tried, { compares, targets }: RolloutConfig): RetryableStep {
  switch (phase.name) {
    case 'retrying':
      return phase.step === 'confirm' && compares ? 'deliver' : phase.step;
    case 'publishing':
      // It is in place, and without targets the app may have read it: too late for a new baseline.
      return compares && targets.length === 0 ? 'deliver' : 'publish';
    case 'delivering':
      return 'deliver';
    case 'confirming':
      // The old sidecar had the baseline in memory. Without targets the baseline is on disk, and
      // delivering leads straight to confirming.
      return compares ? 'deliver' : 'confirm';
    case 'committing':
      return 'commit';
  }
}

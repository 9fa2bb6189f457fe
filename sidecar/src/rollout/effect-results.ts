/** The next phase, once the effect or the wait of the present one has ended. */

import type { Finding } from '@lastgood/core/model/finding.ts';
import { absenceLimitMs } from './absence.ts';
import { continueOrSupersede, onDelivered, requestTurn, restartApps } from './delivery-results.ts';
import { type Event, type EventOf, type Move, prependEffects, type Work } from './events.ts';
import { finish } from './finish.ts';
import { quarantine } from './quarantine.ts';
import {
  type Failure,
  OWN_RETRIES,
  type PhaseOf,
  type Rollout,
  type RolloutConfig,
  type State,
} from './state.ts';
import { deliveryOrder, notifiesTargets, reachedTargets } from './targets.ts';
import {
  desiredVersion,
  enterCommitting,
  enterDelivering,
  enterNewRollout,
  enterPublishing,
  enterRetrying,
  enterRollback,
  retryStep,
} from './transitions.ts';

/** The end of the effect, or of the wait, of the present phase. */
export type Ended = EventOf<'done' | 'failed' | 'answered' | 'retry-due'>;

/** Leads on from the phase whose effect, or wait, has just ended. */
export function onEffectEnded(state: State, event: Ended, config: RolloutConfig): Move {
  const { phase } = state;
  switch (event.type) {
    case 'done':
      return onDone(state, config);
    case 'failed':
      return onFailed(state, event, config);
    case 'answered':
      return phase.name === 'delivering' ? onDelivered(state, phase, event, config) : [state, []];
    case 'retry-due':
      return phase.name === 'retrying' ? retryStep(state, phase, config) : [state, []];
  }
}

function onDone(state: State, config: RolloutConfig): Move {
  const { phase } = state;
  switch (phase.name) {
    case 'pending-restart':
      return enterPublishing(state, phase.rollout, config);
    case 'publishing':
      return onPublished(state, phase.rollout, config);
    case 'confirming':
      return enterCommitting(state, phase.rollout, config);
    case 'committing':
      return onCommitted(state, phase.rollout, config);
    default:
      return [state, []];
  }
}

type Failed = Pick<EventOf<'failed'>, 'findings' | 'isAbsent' | 'needsRestart'>;

function onFailed(state: State, event: Failed, config: RolloutConfig): Move {
  const { phase } = state;
  const { findings } = event;
  switch (phase.name) {
    case 'pending-restart': {
      const failure: Failure = { kind: 'fault', step: 'prepare', findings };
      return enterRollback(state, phase.rollout, failure, config);
    }
    case 'publishing':
      return onPublishFailed(state, phase, findings, config);
    case 'confirming':
      return onConfirmFailed(state, phase, event, config);
    case 'committing':
      return onCommitFailed(state, phase, findings, config);
    default:
      return [state, []];
  }
}

/** The result of an effect that threw: a defect of ours, which must still end its phase. */
export function internalErrorEvent(work: Work, finding: Finding): Event | undefined {
  const findings = [finding];
  switch (work.type) {
    case 'validate':
      return { type: 'validated', rollout: work.rollout, accepted: false, findings };
    case 'deliver':
      return { type: 'answered', generation: work.generation, answer: 'fault', findings };
    case 'await-restart':
    case 'publish':
    case 'confirm':
    case 'commit':
      return { type: 'failed', generation: work.generation, findings };
    default:
      return undefined;
  }
}

function onPublished(state: State, rollout: Rollout, config: RolloutConfig): Move {
  const version = desiredVersion(rollout, state);
  // An app that restarts from now on reads it, notified or not; a rollback must reach it too (P5).
  const notifiedTargets =
    version === state.lastGood ? state.notifiedTargets : reachedTargets(state, config);
  const reached: State = { ...state, published: version, notifiedTargets };
  const move = enterDelivering(reached, rollout, 0, config);
  return continueOrSupersede(reached, move, config);
}

function onPublishFailed(
  state: State,
  phase: PhaseOf<'publishing'>,
  findings: readonly Finding[],
  config: RolloutConfig,
): Move {
  const { rollout } = phase;
  // Without a last good version, or in a rollback already, all that is left is to try again.
  const move =
    rollout.failure !== null || state.lastGood === null
      ? enterRetrying(state, { ...phase, step: 'publish' }, findings, OWN_RETRIES)
      : enterRollback(state, rollout, { kind: 'fault', step: 'publish', findings }, config);
  return continueOrSupersede(state, move, config);
}

function onConfirmFailed(
  state: State,
  phase: PhaseOf<'confirming'>,
  { findings, isAbsent, needsRestart }: Failed,
  config: RolloutConfig,
): Move {
  const { rollout } = phase;
  if (rollout.failure !== null) {
    const absentMs = isAbsent ? (absenceLimitMs(state, rollout, config) ?? 0) : 0;
    const tries = { ...phase.tries, absentMs };
    const [target = 0] = deliveryOrder(config);
    const retry = { ...phase, target, tries, step: 'deliver' } as const;
    return requestTurn(enterRetrying(state, retry, findings, OWN_RETRIES), rollout, config);
  }
  const restart = needsRestart ? restartApps(state, rollout, findings, config) : null;
  if (restart !== null) return restart;
  if (isAbsent) {
    const absence = { kind: 'fault', step: 'confirm', findings, isAbsence: true } as const;
    return enterRollback(state, rollout, absence, config);
  }
  // At the first start there is no version to roll back to, and a large model may load slowly.
  if (rollout.reason === 'start' && (state.lastGood ?? rollout.version) === rollout.version)
    return enterRetrying(state, { ...phase, step: 'confirm' }, findings, OWN_RETRIES);
  const failure: Failure = { kind: 'unproven', step: 'confirm', findings };
  return enterRollback(quarantine(state, rollout, failure), rollout, failure, config);
}

function onCommitFailed(
  state: State,
  phase: PhaseOf<'committing'>,
  findings: readonly Finding[],
  config: RolloutConfig,
): Move {
  const retry = { ...phase, step: 'commit' } as const;
  return continueOrSupersede(state, enterRetrying(state, retry, findings, OWN_RETRIES), config);
}

function onCommitted(state: State, rollout: Rollout, config: RolloutConfig): Move {
  const { version, skipNotify } = rollout;
  const notified = config.targets.length > 0 && notifiesTargets(rollout, config);
  const end = { ...finish(rollout, skipNotify ? 'unchanged' : 'committed'), notified };
  const idle: State = {
    ...state,
    generation: state.generation + 1,
    phase: { name: 'steady' },
    active: version,
    lastGood: version,
    notifiedTargets: [],
    pendingRetry: null,
    crashes: null,
    rejected: state.rejected?.version === version ? null : state.rejected,
    quarantine: state.quarantine.filter((entry) => entry.version !== version),
  };
  if (idle.next === null) return [idle, [end]];
  return prependEffects([end], enterNewRollout(idle, idle.next, config));
}

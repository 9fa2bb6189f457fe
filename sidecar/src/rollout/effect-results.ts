/** The next phase, once the effect or the wait of the present one has ended. */

import type { Finding } from '@lastgood/core/model/finding.ts';
import { absenceLimitMs, canRollBack, isAbsentTooLong } from './absence.ts';
import { crashFailure, noteCrash } from './crashes.ts';
import { type Event, type EventOf, type Move, prependEffects, type Work } from './events.ts';
import { failedDeliveries, finish, schedulePendingRetry } from './finish.ts';
import { quarantine } from './quarantine.ts';
import {
  allTargets,
  type Failure,
  OWN_RETRIES,
  type PhaseOf,
  type Rollout,
  type RolloutConfig,
  type State,
} from './state.ts';
import {
  continueUnlessQuarantined,
  desiredVersion,
  enterCommitting,
  enterDelivering,
  enterNewRollout,
  enterRetrying,
  enterRollback,
  notifiesTargets,
  retryStep,
  supersede,
} from './transitions.ts';

/** The end of the effect, or of the wait, of the present phase. */
export type Ended = EventOf<'done' | 'failed' | 'answered' | 'retry-due'>;

/** Leads on from the phase whose effect, or wait, has just ended. */
export function onEffectEnded(state: State, event: Ended, config: RolloutConfig): Move {
  const { phase } = state;
  switch (phase.name) {
    case 'publishing':
      if (event.type === 'done') return onPublished(state, phase.rollout, config);
      if (event.type === 'failed') return onPublishFailed(state, phase, event.findings, config);
      break;
    case 'delivering':
      if (event.type === 'answered') return onDelivered(state, phase, event, config);
      break;
    case 'confirming':
      if (event.type === 'done') return enterCommitting(state, phase.rollout, config);
      if (event.type === 'failed') return onConfirmFailed(state, phase, event, config);
      break;
    case 'committing':
      if (event.type === 'done') return onCommitted(state, phase.rollout, config);
      if (event.type === 'failed') return onCommitFailed(state, phase, event.findings, config);
      break;
    case 'retrying':
      if (event.type === 'retry-due') return retryStep(state, phase, config);
  }
  return [state, []];
}

/** The result of an effect that threw: a defect of ours, which must still end its phase. */
export function internalErrorEvent(work: Work, finding: Finding): Event | undefined {
  const findings = [finding];
  switch (work.type) {
    case 'validate':
      return { type: 'validated', rollout: work.rollout, accepted: false, findings };
    case 'deliver':
      return { type: 'answered', generation: work.generation, answer: 'fault', findings };
    case 'publish':
    case 'confirm':
    case 'commit':
      return { type: 'failed', generation: work.generation, findings };
    default:
      return undefined;
  }
}

/** Continues the rollout, unless a newer version waits (P6) or this one is quarantined (P4). */
function continueOrSupersede(state: State, move: Move, config: RolloutConfig): Move {
  return state.next === null
    ? continueUnlessQuarantined(state, move, config)
    : supersede(state, config);
}

function onPublished(state: State, rollout: Rollout, config: RolloutConfig): Move {
  const version = desiredVersion(rollout, state);
  // An app that restarts from now on reads it, notified or not; a rollback must reach it too (P5).
  const notifiedTargets = version === state.lastGood ? state.notifiedTargets : allTargets(config);
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

function onDelivered(
  before: State,
  phase: PhaseOf<'delivering'>,
  event: EventOf<'answered'>,
  config: RolloutConfig,
): Move {
  const { rollout, target } = phase;
  const { answer, findings } = event;
  const state = noteCrash(before, rollout, target, event);
  if (answer === 'accepted') {
    const move = enterDelivering(state, rollout, target + 1, config);
    return continueOrSupersede(state, move, config);
  }
  const crash = crashFailure(state, rollout);
  if (rollout.failure !== null) {
    const isBlamed = crash !== undefined && rollout.failure.kind === 'fault';
    const known = isBlamed ? quarantine(state, rollout, crash) : state;
    const blamed = isBlamed ? { ...phase, rollout: { ...rollout, failure: crash } } : phase;
    return continueOrSupersede(known, retryRollback(known, blamed, event, config), config);
  }
  const refused: Failure = { kind: 'refused', step: 'deliver', findings };
  const refusal = crash ?? (answer === 'refused' ? refused : undefined);
  if (refusal === undefined)
    return continueOrSupersede(state, retryDelivery(state, phase, event, config), config);
  const known = quarantine(state, rollout, refusal);
  return continueOrSupersede(known, enterRollback(known, rollout, refusal, config), config);
}

/** After a fault or an absence: tries the target again, or rolls back when that was enough. */
function retryDelivery(
  state: State,
  { rollout, target, tries: before }: PhaseOf<'delivering'>,
  { answer, findings, retryAfterMs: afterMs = 0, final, isReset }: EventOf<'answered'>,
  config: RolloutConfig,
): Move {
  const retries = config.targets[target] ?? OWN_RETRIES;
  // A target that disappears after a fault may have died of it, and would do so every time.
  const counts = answer === 'fault' || before.faults > 0;
  const tries = { ...before, faults: before.faults + (counts ? 1 : 0) };
  // It has had all its attempts before: now it is published for as short a time as possible.
  const isLaterTurn = failedDeliveries(state, rollout.version) > 0 && canRollBack(state, config);
  const attempts = isLaterTurn ? 1 : retries.attempts;
  const failure: Failure = { kind: 'fault', step: 'deliver', findings };
  if (tries.faults >= attempts || (final === true && answer === 'fault')) {
    // It has answered, so not each delivery of this version ends it.
    const isAlive = answer === 'fault' && isReset !== true;
    return enterRollback(isAlive ? { ...state, crashes: null } : state, rollout, failure, config);
  }
  if (answer === 'absent' && isAbsentTooLong(state, rollout, tries, config))
    return enterRollback(state, rollout, { ...failure, isAbsence: true }, config);
  // An absence that counts waits as a fault does: an app that restarts gets as long to be back.
  const isAbsent = answer === 'absent';
  const retry = { rollout, target, tries, step: 'deliver', afterMs, isAbsent, counts } as const;
  return enterRetrying(state, retry, findings, retries);
}

/** A rollback is tried until it works. If the app is absent for long, the newer version has a turn. */
function retryRollback(
  state: State,
  { rollout, target, tries: before }: PhaseOf<'delivering'>,
  { answer, findings, retryAfterMs: afterMs = 0 }: EventOf<'answered'>,
  config: RolloutConfig,
): Move {
  const isAbsent = answer === 'absent';
  const tries = {
    ...before,
    faults: before.faults + Number(answer === 'fault' || before.faults > 0),
  };
  const retry = { rollout, target, tries, step: 'deliver', afterMs, isAbsent } as const;
  const move = enterRetrying(state, retry, findings, config.targets[target] ?? OWN_RETRIES);
  return isAbsent ? requestTurn(move, rollout, config) : move;
}

/** Asks for a new rollout of the version that was rolled back, once the app is absent for too long. */
function requestTurn(move: Move, rollout: Rollout, config: RolloutConfig): Move {
  const [{ phase, ...state }] = move;
  if (phase.name !== 'retrying') return move;
  if (!isAbsentTooLong({ ...state, phase }, rollout, phase.tries, config)) return move;
  const { version } = rollout;
  const deliveries = failedDeliveries({ ...state, phase }, version);
  return schedulePendingRetry(move, { version, deliveries, isTurn: true }, config, 0);
}

function onConfirmFailed(
  state: State,
  phase: PhaseOf<'confirming'>,
  { findings, isAbsent }: Pick<EventOf<'failed'>, 'findings' | 'isAbsent'>,
  config: RolloutConfig,
): Move {
  const { rollout } = phase;
  if (rollout.failure !== null) {
    const absentMs = isAbsent ? (absenceLimitMs(state, rollout, config) ?? 0) : 0;
    const tries = { ...phase.tries, absentMs };
    const retry = { ...phase, tries, step: 'deliver' } as const;
    return requestTurn(enterRetrying(state, retry, findings, OWN_RETRIES), rollout, config);
  }
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

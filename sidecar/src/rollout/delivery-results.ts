/** The next phase, once a delivery has been answered. */

import type { Finding } from '@lastgood/core/model/finding.ts';
import { canRollBack, isAbsentTooLong } from './absence.ts';
import { crashFailure, noteCrash } from './crashes.ts';
import type { EventOf, Move } from './events.ts';
import { failedDeliveries, schedulePendingRetry } from './finish.ts';
import { quarantine } from './quarantine.ts';
import {
  type Failure,
  OWN_RETRIES,
  type PhaseOf,
  type Rollout,
  type RolloutConfig,
  type State,
} from './state.ts';
import { deliveryOrder } from './targets.ts';
import {
  continueUnlessQuarantined,
  enterDelivering,
  enterPendingRestart,
  enterRetrying,
  enterRollback,
  supersede,
} from './transitions.ts';

/** Continues the rollout, unless a newer version waits (P6) or this one is quarantined (P4). */
export function continueOrSupersede(state: State, move: Move, config: RolloutConfig): Move {
  return state.next === null
    ? continueUnlessQuarantined(state, move, config)
    : supersede(state, config);
}

/** Goes on with the next target, tries this one again, or rolls back. */
export function onDelivered(
  before: State,
  phase: PhaseOf<'delivering'>,
  answered: EventOf<'answered'>,
  config: RolloutConfig,
): Move {
  const { rollout, target } = phase;
  const { findings } = answered;
  const state = noteCrash(before, rollout, target, answered);
  // A process that does not run needs no restart: it starts on the version anyway.
  const isDown = answered.answer === 'absent' && config.conditionalTargets?.includes(target);
  if (answered.answer === 'accepted' || isDown) {
    const place = deliveryOrder(config).indexOf(target) + 1;
    const move = enterDelivering(state, rollout, place, config);
    return continueOrSupersede(state, move, config);
  }
  const restart =
    answered.answer === 'restart' ? restartApps(state, rollout, findings, config) : null;
  if (restart !== null) return continueOrSupersede(state, restart, config);
  // All that could be done about it has not helped.
  const event =
    answered.answer === 'restart' ? ({ ...answered, answer: 'fault' } as const) : answered;
  const { answer } = event;
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

/**
 * An app cannot change while it runs: notifies the restart targets, or waits until the app ends. Null:
 * the restart targets have accepted and it still runs, or a rollback has none.
 */
export function restartApps(
  state: State,
  rollout: Rollout,
  findings: readonly Finding[],
  config: RolloutConfig,
): Move | null {
  const { conditionalTargets = [] } = config;
  const { notifiedTargets } = state;
  const isRollback = rollout.failure !== null;
  const restarting: Rollout = { ...rollout, needsRestart: findings };
  if (conditionalTargets.length === 0)
    return isRollback ? null : enterPendingRestart(state, restarting, config);
  // A rollback only notifies the restart targets of a rollout that did.
  const isDone = isRollback
    ? conditionalTargets.every((index) => notifiedTargets.includes(index))
    : rollout.needsRestart !== undefined;
  if (isDone) return null;
  const all = [...new Set([...notifiedTargets, ...conditionalTargets])];
  // The ones before it in the order are notified again: an app behind them may restart as well.
  return enterDelivering({ ...state, notifiedTargets: all }, restarting, 0, config);
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
export function requestTurn(move: Move, rollout: Rollout, config: RolloutConfig): Move {
  const [{ phase, ...state }] = move;
  if (phase.name !== 'retrying') return move;
  if (!isAbsentTooLong({ ...state, phase }, rollout, phase.tries, config)) return move;
  const { version, needsRestart } = rollout;
  const deliveries = failedDeliveries({ ...state, phase }, version);
  const retry = { version, deliveries, needsRestart, isTurn: true } as const;
  return schedulePendingRetry(move, retry, config, 0);
}

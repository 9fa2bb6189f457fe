import type { Version } from '@lastgood/core/model/snapshot.ts';
import { absenceLimitMs } from './absence.ts';
import { onEffectEnded } from './effect-results.ts';
import { type Event, type EventOf, type Finish, type Move, prependEffects } from './events.ts';
import { finish, schedulePendingRetry } from './finish.ts';
import { findQuarantined, quarantine } from './quarantine.ts';
import {
  type Candidate,
  type Failure,
  isStillWanted,
  type PhaseOf,
  type Rejection,
  type Rollout,
  type RolloutConfig,
  rolloutOf,
  type State,
} from './state.ts';
import {
  enterFirstStep,
  enterNewRollout,
  enterPublishing,
  enterRollback,
  isInterruptible,
  supersede,
} from './transitions.ts';

/** Decides, never performs: no clock, no I/O, no randomness, no promise. */
export function next(state: State, event: Event, config: RolloutConfig): Move {
  switch (event.type) {
    case 'captured':
      return onCaptured(state, event, config);
    case 'uncapturable':
      return onUncapturable(state, event, config);
    case 'validated':
      return onValidated(state, event, config);
    case 'pending-retry-due':
      return onPendingRetryDue(state, event, config);
    default:
      // A result of an earlier phase must never change a newer one.
      return event.generation === state.generation
        ? onEffectEnded(state, event, config)
        : [state, []];
  }
}

function onCaptured(state: State, event: EventOf<'captured'>, config: RolloutConfig): Move {
  const { type: _, isRewritten, ...checking } = event;
  const { rollout, version } = checking;
  // A rejected version that is written again is checked again: it may pass now.
  const asksAgain = isRewritten && state.rejected?.version === version && state.checking === null;
  if (version === state.desired && !asksAgain) return [state, []];
  const replaced = endSuperseded(state.checking);
  const pendingRetry = state.pendingRetry?.version === version ? state.pendingRetry : null;
  const crashes = state.crashes?.version === version ? state.crashes : null;
  const newest: State = { ...state, desired: version, checking: null, pendingRetry, crashes };
  const known = findQuarantined(newest, version);
  if (known !== undefined)
    return prependEffects(replaced, reject(newest, { ...known, rollout }, config, 'quarantined'));
  return [{ ...newest, checking }, [...replaced, { type: 'validate', rollout, version }]];
}

function onUncapturable(state: State, event: EventOf<'uncapturable'>, config: RolloutConfig): Move {
  const { rollout, findings } = event;
  const known = state.rejected?.version === null ? state.rejected.findings : [];
  // The volume is captured again every minute; the same findings are reported once.
  if (known.length > 0 && JSON.stringify(known) === JSON.stringify(findings)) return [state, []];
  const replaced = endSuperseded(state.checking);
  const newest: State = { ...state, desired: null, checking: null };
  const rejected: Rejection = { rollout, version: null, step: 'capture', findings };
  return prependEffects(replaced, reject(newest, rejected, config));
}

function onValidated(state: State, event: EventOf<'validated'>, config: RolloutConfig): Move {
  const { checking } = state;
  if (checking === null || checking.rollout !== event.rollout) return [state, []];
  const checked = { ...state, checking: null };
  const { rollout, version } = checking;
  const current = rolloutOf(state);
  // A fault cannot stop a version that is already being rolled out.
  const isUnderWay = current?.version === version && isStillWanted(current);
  if (!event.accepted && !(event.fault && isUnderWay)) {
    const { step = 'validate', findings, fault } = event;
    const move = reject(checked, { rollout, version, step, findings }, config);
    // No check and no app has refused it, so it is checked again later.
    return fault ? schedulePendingRetry(move, { version, recheck: true }, config) : move;
  }
  // A rollout resumed after a crash may have failed with this version during its checks.
  const known = findQuarantined(checked, version);
  if (known !== undefined) return reject(checked, { ...known, rollout }, config, 'quarantined');
  const { equivalentTo } = event;
  const needsRestart = event.needsRestart ?? interruptedNeed(state, version);
  const candidate: Candidate = {
    ...checking,
    ...(equivalentTo === undefined ? {} : { equivalentTo }),
    ...(needsRestart === undefined ? {} : { needsRestart }),
  };
  return consider({ ...checked, rejected: null }, candidate, config);
}

/** Why the rollout that a crash ended needed a restart: the apps may not be there yet to say so again. */
function interruptedNeed({ phase }: State, version: Version): Candidate['needsRestart'] {
  const interrupted = phase.name === 'starting' ? phase.interrupted : null;
  return interrupted?.version === version ? interrupted.needsRestart : undefined;
}

/** Rejects a version before it reaches the app (P4). Another rollout under way continues. */
function reject(
  state: State,
  rejected: Rejection,
  config: RolloutConfig,
  kind: 'refused' | 'quarantined' = 'refused',
): Move {
  const { rollout, version, step, findings } = rejected;
  const failure: Failure = { kind, step, findings };
  const end = finish({ rollout, version }, 'rejected', failure);
  const known: State = { ...state, rejected };
  if (state.phase.name === 'starting')
    return prependEffects([end], startWithoutCandidate(known, state.phase, config));
  const { phase } = state;
  if (!('rollout' in phase)) return [known, [end]];
  const { rollout: current } = phase;
  if (current.version !== version || !isStillWanted(current)) return [known, [end]];
  // Before a restart it passed other checks than today's, so it is rolled back.
  const refusal: Failure = { ...failure, kind: 'refused' };
  const refused = quarantine(known, current, refusal);
  // Its rollback is under way: it must not lead to `pending-restart` now.
  if (current.failure !== null)
    return [{ ...refused, phase: { ...phase, rollout: { ...current, failure: refusal } } }, [end]];
  if (!isInterruptible(phase)) return [refused, [end]];
  return prependEffects([end], enterRollback(refused, current, refusal, config));
}

/** Starts without a good version in the volume: uses the last good one, if there is one. */
function startWithoutCandidate(
  state: State,
  { firstStart, interrupted, rollbackId }: PhaseOf<'starting'>,
  config: RolloutConfig,
): Move {
  const { lastGood, published, notifiedTargets } = state;
  const ended = endSuperseded(interrupted);
  const steady: Move = [{ ...state, phase: { name: 'steady' } }, ended];
  if (!config.publishes) return steady;
  if (lastGood === null) return [state, []];
  if (firstStart) {
    const candidate = { rollout: rollbackId, version: lastGood };
    return prependEffects(ended, enterFirstStep(state, candidate, config));
  }
  const isLastGood = published === lastGood && notifiedTargets.length === 0;
  if (isLastGood || config.onFailure === 'hold') return steady;
  // A crash interrupted a rollout after it was published or delivered, and its content is gone.
  const failure: Failure = { kind: 'interrupted', step: 'publish', findings: [] };
  const candidate = interrupted ?? { rollout: rollbackId, version: published ?? lastGood };
  const rollback: Rollout = { ...candidate, reason: 'changed', failure };
  return enterPublishing(state, rollback, config);
}

/** Starts a version that passed its checks, queues it, or finds it already under way. */
function consider(state: State, candidate: Candidate, config: RolloutConfig): Move {
  const { phase } = state;
  if (phase.name === 'starting') {
    const move = enterNewRollout(state, candidate, config);
    return prependEffects(endSuperseded(phase.interrupted), move);
  }
  const current = rolloutOf(state);
  if (current === null) return enterNewRollout(state, candidate, config);
  const dropped = endSuperseded(state.next);
  if (current.version === candidate.version && current.failure?.kind !== 'interrupted')
    return prependEffects(
      dropped,
      endDuplicate(
        { ...state, next: null },
        candidate,
        isStillWanted(current) ? null : current.failure,
      ),
    );
  const queued: State = { ...state, next: candidate };
  // Forward first (P6): a newer version takes over from whatever can be interrupted.
  return prependEffects(dropped, isInterruptible(phase) ? supersede(queued, config) : [queued, []]);
}

/** Its version is already being rolled out, or has failed and its rollback must not be interrupted. */
function endDuplicate(state: State, candidate: Candidate, failure: Failure | null): Move {
  if (failure === null) return [state, [finish(candidate, 'unchanged')]];
  const { step, findings } = failure;
  const rejected: Rejection = { ...candidate, step, findings };
  return [{ ...state, rejected }, [finish(candidate, 'rejected', failure)]];
}

function onPendingRetryDue(
  state: State,
  event: EventOf<'pending-retry-due'>,
  config: RolloutConfig,
): Move {
  const { rollout, version } = event;
  const wanted = state.pendingRetry?.version === version && state.desired === version;
  if (wanted && state.pendingRetry?.recheck && state.checking === null) {
    const checking = { rollout, version };
    return [{ ...state, checking }, [{ type: 'validate', ...checking }]];
  }
  if (!wanted || state.checking !== null) return [state, []];
  const needsRestart = state.pendingRetry?.needsRestart;
  const candidate = { rollout, version, ...(needsRestart === undefined ? {} : { needsRestart }) };
  if (isTurnDue(state, version, config)) return supersede({ ...state, next: candidate }, config);
  if (state.phase.name !== 'steady') return [state, []];
  // It stays rejected, and the bundle stays degraded, until it is committed.
  return enterFirstStep(state, candidate, config);
}

/** Whether a version has its turn because the app has been absent in its rollback for too long. */
function isTurnDue(state: State, version: Version, config: RolloutConfig): boolean {
  const { phase, pendingRetry } = state;
  if (phase.name !== 'retrying' || phase.rollout.version !== version) return false;
  if (phase.rollout.failure === null || !pendingRetry?.isTurn) return false;
  return absenceLimitMs(state, phase.rollout, config) !== undefined;
}

function endSuperseded(candidate: Candidate | null): Finish[] {
  return candidate === null ? [] : [finish(candidate, 'superseded')];
}

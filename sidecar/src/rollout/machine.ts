import type { Finding } from '@lastgood/core/model/finding.ts';
import { onEffectEnded } from './effect-results.ts';
import {
  findQuarantined,
  prependEffects,
  quarantine,
  superseded,
  unchanged,
} from './quarantine.ts';
import {
  type Candidate,
  type Effect,
  type Event,
  type Failure,
  FIRST_ATTEMPT,
  type Move,
  type Phase,
  type Rejection,
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
  scheduleRetry,
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
    case 'again-due':
      return onRetryDue(state, event, config);
    default:
      // An answer to a phase that is over must never move a newer one.
      return event.generation === state.generation
        ? onEffectEnded(state, event, config)
        : [state, []];
  }
}

function onCaptured(
  state: State,
  event: Event & { type: 'captured' },
  config: RolloutConfig,
): Move {
  const { rollout, version } = event;
  if (version === state.desired) return [state, []];
  const replaced = state.checking === null ? [] : [superseded(state.checking)];
  const pendingRetry = state.pendingRetry?.version === version ? state.pendingRetry : null;
  const newest: State = { ...state, desired: version, checking: null, pendingRetry };
  const known = findQuarantined(newest, version);
  if (known !== undefined)
    return prependEffects(replaced, reject(newest, { ...known, rollout }, config, 'quarantined'));
  const check: Effect = { type: 'validate', rollout, version };
  return [{ ...newest, checking: { rollout, version } }, [...replaced, check]];
}

function onUncapturable(
  state: State,
  event: Event & { type: 'uncapturable' },
  config: RolloutConfig,
): Move {
  const { rollout, findings } = event;
  const known = state.rejected?.version === null ? state.rejected.findings : [];
  // The slow re-check comes by every minute; the same trouble is told once.
  if (sameFindings(known, findings)) return [state, []];
  const replaced = state.checking === null ? [] : [superseded(state.checking)];
  const newest: State = { ...state, desired: null, checking: null };
  const rejected: Rejection = { rollout, version: null, step: 'capture', findings };
  return prependEffects(replaced, reject(newest, rejected, config));
}

function onValidated(
  state: State,
  event: Event & { type: 'validated' },
  config: RolloutConfig,
): Move {
  const { checking } = state;
  if (checking === null || checking.rollout !== event.rollout) return [state, []];
  const checked = { ...state, checking: null };
  const { rollout, version } = checking;
  const current = rolloutOf(state);
  // Of what is being rolled out already, nobody has to be asked any more.
  const isUnderWay = current?.version === version && current.failure === null;
  if (!event.accepted && !(event.fault && isUnderWay)) {
    const { step = 'validate', findings, fault } = event;
    const move = reject(checked, { rollout, version, step, findings }, config);
    // Nobody said no to it, so its checks are done again after a while.
    return fault ? scheduleRetry(move, { version, recheck: true }, config) : move;
  }
  // A rollout resumed after a crash may have failed with this version while it was checked anew.
  const known = findQuarantined(checked, version);
  if (known !== undefined) return reject(checked, { ...known, rollout }, config, 'quarantined');
  const { equivalentTo } = event;
  const candidate = equivalentTo === undefined ? checking : { ...checking, equivalentTo };
  return consider({ ...checked, rejected: null }, candidate, config);
}

/** Nothing of it reaches the app (P4). Whatever else is under way goes on. */
function reject(
  state: State,
  rejected: Rejection,
  config: RolloutConfig,
  kind: 'refused' | 'quarantined' = 'refused',
): Move {
  const { rollout, version, step, findings } = rejected;
  const failure: Failure = { kind, step, findings };
  const finish: Effect = { type: 'finish', rollout, version, outcome: 'rejected', failure };
  const known: State = { ...state, rejected };
  if (state.phase.name === 'starting')
    return prependEffects([finish], startWithoutCandidate(known, state.phase, config));
  const current = rolloutOf(state);
  if (current === null || current.version !== version || current.failure !== null)
    return [known, [finish]];
  // It passed other checks than those of now, before a restart: nothing of it may stay.
  const refusal: Failure = { ...failure, kind: 'refused' };
  const refused = quarantine(known, current, refusal);
  if (!isInterruptible(state.phase)) return [refused, [finish]];
  return prependEffects([finish], enterRollback(refused, current, refusal, config));
}

/** The volume holds nothing good at the start: stand on the last good one, if there is one. */
function startWithoutCandidate(
  state: State,
  { firstStart, interrupted, rollbackId }: Phase & { name: 'starting' },
  config: RolloutConfig,
): Move {
  const { lastGood, published, notifiedTargets } = state;
  const ended = interrupted === null ? [] : [superseded(interrupted)];
  const steady: Move = [{ ...state, phase: { name: 'steady' } }, ended];
  if (!config.publishes) return steady;
  if (lastGood === null) return [state, []];
  if (firstStart)
    return prependEffects(
      ended,
      enterFirstStep(state, { rollout: rollbackId, version: lastGood }, 'start', config),
    );
  const isLastGood = published === lastGood && notifiedTargets.length === 0;
  if (isLastGood || config.onFailure === 'hold') return steady;
  // A crash cut a rollout off after it had published or told something, and its content is gone.
  const failure: Failure = { kind: 'interrupted', step: 'publish', findings: [] };
  const candidate = interrupted ?? { rollout: rollbackId, version: published ?? lastGood };
  return enterPublishing(
    state,
    { ...candidate, reason: 'changed', failure },
    FIRST_ATTEMPT,
    config,
  );
}

/** A version that passed its checks: start it, queue it, or see that there is nothing to do. */
function consider(state: State, candidate: Candidate, config: RolloutConfig): Move {
  const { phase } = state;
  if (phase.name === 'starting') {
    const ended = phase.interrupted === null ? [] : [superseded(phase.interrupted)];
    return prependEffects(
      ended,
      enterNewRollout(state, candidate, phase.firstStart ? 'start' : 'changed', config),
    );
  }
  const current = rolloutOf(state);
  if (current === null) return enterNewRollout(state, candidate, 'changed', config);
  const dropped = state.next === null ? [] : [superseded(state.next)];
  if (current.version === candidate.version && current.failure?.kind !== 'interrupted')
    return prependEffects(dropped, underWay({ ...state, next: null }, candidate, current.failure));
  const queued: State = { ...state, next: candidate };
  // Forward first (P6): nothing that can be cut short holds a newer version back.
  return prependEffects(dropped, isInterruptible(phase) ? supersede(queued, config) : [queued, []]);
}

/** It is being rolled out already; or it has failed, and its own way back must not be cut short. */
function underWay(state: State, candidate: Candidate, failure: Failure | null): Move {
  if (failure === null) return [state, [unchanged(candidate)]];
  const { step, findings } = failure;
  const rejected: Rejection = { ...candidate, step, findings };
  return [{ ...state, rejected }, [{ type: 'finish', ...candidate, outcome: 'rejected', failure }]];
}

function onRetryDue(
  state: State,
  event: Event & { type: 'again-due' },
  config: RolloutConfig,
): Move {
  const { rollout, version } = event;
  const wanted = state.pendingRetry?.version === version && state.desired === version;
  if (wanted && state.pendingRetry?.recheck && state.checking === null) {
    const checking = { rollout, version };
    return [{ ...state, checking }, [{ type: 'validate', ...checking }]];
  }
  if (!wanted || state.phase.name !== 'steady' || state.checking !== null) return [state, []];
  // It stays rejected, and the bundle degraded, until it is committed.
  return enterFirstStep(state, { rollout, version }, 'changed', config);
}

function sameFindings(some: readonly Finding[], others: readonly Finding[]): boolean {
  return some.length > 0 && JSON.stringify(some) === JSON.stringify(others);
}

import type { Finding } from '@lastgood/core/model/finding.ts';
import { ended } from './effect-results.ts';
import { after, quarantine, quarantined, superseded, unchanged } from './quarantine.ts';
import {
  type Candidate,
  type Effect,
  type Event,
  type Failure,
  FIRST_TRY,
  type Move,
  type Phase,
  type Plan,
  type Rejection,
  rolloutOf,
  type State,
} from './state.ts';
import { begin, fail, isInterruptible, later, publish, start, supersede } from './transitions.ts';

/** Decides, never performs: no clock, no I/O, no randomness, no promise. */
export function next(state: State, event: Event, plan: Plan): Move {
  switch (event.type) {
    case 'captured':
      return captured(state, event, plan);
    case 'uncapturable':
      return uncapturable(state, event, plan);
    case 'validated':
      return validated(state, event, plan);
    case 'again-due':
      return againDue(state, event, plan);
    default:
      // An answer to a phase that is over must never move a newer one.
      return event.seq === state.seq ? ended(state, event, plan) : [state, []];
  }
}

function captured(state: State, event: Event & { type: 'captured' }, plan: Plan): Move {
  const { rollout, version } = event;
  if (version === state.desired) return [state, []];
  const replaced = state.checking === null ? [] : [superseded(state.checking)];
  const again = state.again?.version === version ? state.again : null;
  const newest: State = { ...state, desired: version, checking: null, again };
  const known = quarantined(newest, version);
  if (known !== undefined)
    return after(replaced, reject(newest, { ...known, rollout }, plan, 'quarantined'));
  const check: Effect = { type: 'validate', rollout, version };
  return [{ ...newest, checking: { rollout, version } }, [...replaced, check]];
}

function uncapturable(state: State, event: Event & { type: 'uncapturable' }, plan: Plan): Move {
  const { rollout, findings } = event;
  const known = state.rejected?.version === null ? state.rejected.findings : [];
  // The slow re-check comes by every minute; the same trouble is told once.
  if (sameFindings(known, findings)) return [state, []];
  const replaced = state.checking === null ? [] : [superseded(state.checking)];
  const newest: State = { ...state, desired: null, checking: null };
  const rejected: Rejection = { rollout, version: null, step: 'capture', findings };
  return after(replaced, reject(newest, rejected, plan));
}

function validated(state: State, event: Event & { type: 'validated' }, plan: Plan): Move {
  const { checking } = state;
  if (checking === null || checking.rollout !== event.rollout) return [state, []];
  const checked = { ...state, checking: null };
  const { rollout, version } = checking;
  const current = rolloutOf(state);
  // Of what is being rolled out already, nobody has to be asked any more.
  const isUnderWay = current?.version === version && current.failure === null;
  if (!event.accepted && !(event.fault && isUnderWay)) {
    const { step = 'validate', findings, fault } = event;
    const move = reject(checked, { rollout, version, step, findings }, plan);
    // Nobody said no to it, so its checks are done again after a while.
    return fault ? later(move, { version, recheck: true }, plan) : move;
  }
  // A rollout resumed after a crash may have failed with this version while it was checked anew.
  const known = quarantined(checked, version);
  if (known !== undefined) return reject(checked, { ...known, rollout }, plan, 'quarantined');
  const { sameAs } = event;
  const candidate = sameAs === undefined ? checking : { ...checking, sameAs };
  return consider({ ...checked, rejected: null }, candidate, plan);
}

/** Nothing of it reaches the app (P4). Whatever else is under way goes on. */
function reject(
  state: State,
  rejected: Rejection,
  plan: Plan,
  kind: 'refused' | 'quarantined' = 'refused',
): Move {
  const { rollout, version, step, findings } = rejected;
  const failure: Failure = { kind, step, findings };
  const finish: Effect = { type: 'finish', rollout, version, outcome: 'rejected', failure };
  const known: State = { ...state, rejected };
  if (state.phase.name === 'starting')
    return after([finish], startWithoutCandidate(known, state.phase, plan));
  const current = rolloutOf(state);
  if (current === null || current.version !== version || current.failure !== null)
    return [known, [finish]];
  // It passed other checks than those of now, before a restart: nothing of it may stay.
  const refusal: Failure = { ...failure, kind: 'refused' };
  const refused = quarantine(known, current, refusal);
  if (!isInterruptible(state.phase)) return [refused, [finish]];
  return after([finish], fail(refused, current, refusal, plan));
}

/** The volume holds nothing good at the start: stand on the last good one, if there is one. */
function startWithoutCandidate(
  state: State,
  { fresh, cutOff, spare }: Phase & { name: 'starting' },
  plan: Plan,
): Move {
  const { lastGood, published, told } = state;
  const ended = cutOff === null ? [] : [superseded(cutOff)];
  const steady: Move = [{ ...state, phase: { name: 'steady' } }, ended];
  if (!plan.publishes) return steady;
  if (lastGood === null) return [state, []];
  if (fresh)
    return after(ended, begin(state, { rollout: spare, version: lastGood }, 'start', plan));
  const isLastGood = published === lastGood && told.length === 0;
  if (isLastGood || plan.onFailure === 'hold') return steady;
  // A crash cut a rollout off after it had published or told something, and its content is gone.
  const failure: Failure = { kind: 'cut-off', step: 'publish', findings: [] };
  const candidate = cutOff ?? { rollout: spare, version: published ?? lastGood };
  return publish(state, { ...candidate, reason: 'changed', failure }, FIRST_TRY, plan);
}

/** A version that passed its checks: start it, queue it, or see that there is nothing to do. */
function consider(state: State, candidate: Candidate, plan: Plan): Move {
  const { phase } = state;
  if (phase.name === 'starting') {
    const ended = phase.cutOff === null ? [] : [superseded(phase.cutOff)];
    return after(ended, start(state, candidate, phase.fresh ? 'start' : 'changed', plan));
  }
  const current = rolloutOf(state);
  if (current === null) return start(state, candidate, 'changed', plan);
  const dropped = state.next === null ? [] : [superseded(state.next)];
  if (current.version === candidate.version && current.failure?.kind !== 'cut-off')
    return after(dropped, underWay({ ...state, next: null }, candidate, current.failure));
  const queued: State = { ...state, next: candidate };
  // Forward first (P6): nothing that can be cut short holds a newer version back.
  return after(dropped, isInterruptible(phase) ? supersede(queued, plan) : [queued, []]);
}

/** It is being rolled out already; or it has failed, and its own way back must not be cut short. */
function underWay(state: State, candidate: Candidate, failure: Failure | null): Move {
  if (failure === null) return [state, [unchanged(candidate)]];
  const { step, findings } = failure;
  const rejected: Rejection = { ...candidate, step, findings };
  return [{ ...state, rejected }, [{ type: 'finish', ...candidate, outcome: 'rejected', failure }]];
}

function againDue(state: State, event: Event & { type: 'again-due' }, plan: Plan): Move {
  const { rollout, version } = event;
  const wanted = state.again?.version === version && state.desired === version;
  if (wanted && state.again?.recheck && state.checking === null) {
    const checking = { rollout, version };
    return [{ ...state, checking }, [{ type: 'validate', ...checking }]];
  }
  if (!wanted || state.phase.name !== 'steady' || state.checking !== null) return [state, []];
  // It stays rejected, and the bundle degraded, until it is committed.
  return begin(state, { rollout, version }, 'changed', plan);
}

function sameFindings(some: readonly Finding[], others: readonly Finding[]): boolean {
  return some.length > 0 && JSON.stringify(some) === JSON.stringify(others);
}

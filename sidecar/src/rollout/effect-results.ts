import type { Finding } from '@lastgood/core/model/finding.ts';
import { after, quarantine } from './quarantine.ts';
import {
  type Effect,
  type Event,
  type Failure,
  FIRST_TRY,
  type Move,
  type Phase,
  type Plan,
  type Rollout,
  type State,
} from './state.ts';
import {
  aimOf,
  commit,
  deliver,
  fail,
  isTold,
  OWN_RETRIES,
  retry,
  start,
  supersede,
  tryAgain,
  unlessDisowned,
} from './transitions.ts';

/** What becomes of a phase when its effect has ended. */

/** The end of the effect, or of the wait, of the present phase. */
export type Ended = Event & { type: 'done' | 'failed' | 'answered' | 'retry-due' };

/** Leads on from the phase whose effect, or wait, has just ended. */
export function ended(state: State, event: Ended, plan: Plan): Move {
  const { phase } = state;
  switch (phase.name) {
    case 'publishing':
      if (event.type === 'done') return published(state, phase.rollout, plan);
      return event.type === 'failed'
        ? unpublished(state, phase, event.findings, plan)
        : [state, []];
    case 'delivering':
      return event.type === 'answered' ? answered(state, phase, event, plan) : [state, []];
    case 'confirming':
      if (event.type === 'done') return commit(state, phase.rollout, FIRST_TRY, plan);
      return event.type === 'failed' ? unproven(state, phase, event.findings, plan) : [state, []];
    case 'committing':
      if (event.type === 'done') return committed(state, phase.rollout, plan);
      return event.type === 'failed'
        ? onward(
            state,
            (s) => retry(s, { ...phase, step: 'commit' }, event.findings, OWN_RETRIES),
            plan,
          )
        : [state, []];
    case 'retrying':
      return event.type === 'retry-due' ? tryAgain(state, phase, plan) : [state, []];
    default:
      return [state, []];
  }
}

/** Goes on with the rollout, unless a newer version waits (P6) or this one may not (P4). */
function onward(state: State, go: (state: State) => Move, plan: Plan): Move {
  return state.next === null ? unlessDisowned(state, go, plan) : supersede(state, plan);
}

function published(state: State, rollout: Rollout, plan: Plan): Move {
  const version = aimOf(rollout, state);
  // Whoever restarts from now on reads it, told or not; a way back must reach them as well (P5).
  const mayRun = version === state.lastGood ? state.told : plan.targets.map((_, index) => index);
  // At a start that nobody is told of, the same is noted once the app is looked at.
  const isUntold = rollout.reason === 'start' && plan.tellsAtStart !== true;
  const told = isUntold ? state.told : mayRun;
  const reached: State = { ...state, published: version, told };
  return onward(reached, (s) => deliver(s, rollout, 0, FIRST_TRY, plan), plan);
}

function unpublished(
  state: State,
  phase: Phase & { name: 'publishing' },
  findings: readonly Finding[],
  plan: Plan,
): Move {
  const { rollout } = phase;
  const go = (s: State): Move =>
    // With nothing to go back to, or already on the way back, all there is to do is to try again.
    rollout.failure !== null || s.lastGood === null
      ? retry(s, { ...phase, step: 'publish' }, findings, OWN_RETRIES)
      : fail(s, rollout, { kind: 'fault', step: 'publish', findings }, plan);
  return onward(state, go, plan);
}

function answered(
  state: State,
  phase: Phase & { name: 'delivering' },
  { answer, findings, retryAfterMs = 0, final }: Event & { type: 'answered' },
  plan: Plan,
): Move {
  const { rollout, target } = phase;
  const back = rollout.failure !== null;
  if (answer === 'accepted')
    return onward(state, (s) => deliver(s, rollout, target + 1, FIRST_TRY, plan), plan);
  const refusal: Failure = { kind: 'refused', step: 'deliver', findings };
  if (answer === 'refused' && !back) {
    const known = quarantine(state, rollout, refusal);
    return onward(known, (s) => fail(s, rollout, refusal, plan), plan);
  }
  const retries = plan.targets[target] ?? OWN_RETRIES;
  // Somebody was there and then nobody: the app may have died of it, and would for ever.
  const counts = answer === 'fault' || phase.tries.faults > 0;
  const faults = phase.tries.faults + (counts ? 1 : 0);
  const tries = { ...phase.tries, faults };
  const isOver = faults >= retries.attempts || (final === true && answer === 'fault');
  const again = { rollout, target, tries, step: 'deliver', afterMs: retryAfterMs } as const;
  const go = (s: State): Move =>
    !back && isOver
      ? fail(s, rollout, { kind: 'fault', step: 'deliver', findings }, plan)
      : retry(s, { ...again, absent: answer === 'absent' }, findings, retries);
  return onward(state, go, plan);
}

function unproven(
  state: State,
  phase: Phase & { name: 'confirming' },
  findings: readonly Finding[],
  plan: Plan,
): Move {
  const { rollout } = phase;
  if (rollout.failure !== null)
    return retry(state, { ...phase, step: 'deliver' }, findings, OWN_RETRIES);
  // The first start has nothing to go back to, and a large model may take its time to load.
  if (rollout.reason === 'start' && (state.lastGood ?? rollout.version) === rollout.version)
    return retry(state, { ...phase, step: 'confirm' }, findings, OWN_RETRIES);
  const failure: Failure = { kind: 'unproven', step: 'confirm', findings };
  return fail(quarantine(state, rollout, failure), rollout, failure, plan);
}

function committed(state: State, way: Rollout, plan: Plan): Move {
  const { rollout, version, quiet } = way;
  const outcome = quiet ? 'unchanged' : 'committed';
  const told = plan.targets.length > 0 && isTold(way, plan);
  const finish: Effect = { type: 'finish', rollout, version, outcome, failure: null, told };
  const settled: State = {
    ...state,
    seq: state.seq + 1,
    phase: { name: 'steady' },
    active: version,
    lastGood: version,
    told: [],
    again: null,
    rejected: state.rejected?.version === version ? null : state.rejected,
    quarantine: state.quarantine.filter((entry) => entry.version !== version),
  };
  return after([finish], resume(settled, plan));
}

/** After a commit: the version that waited meanwhile. */
function resume(state: State, plan: Plan): Move {
  return state.next === null ? [state, []] : start(state, state.next, 'changed', plan);
}

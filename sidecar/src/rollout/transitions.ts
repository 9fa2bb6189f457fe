import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import type { RetrySettings } from '../settings/settings.ts';
import { after, isInPlace, quarantined, superseded, unchanged } from './quarantine.ts';
import {
  type Again,
  type Candidate,
  type Effect,
  type Failure,
  FIRST_TRY,
  type Move,
  type Phase,
  type Plan,
  type Redo,
  type Rollout,
  rolloutOf,
  type State,
  type Tries,
} from './state.ts';

/**
 * The course of a rollout, there and back: each function enters a phase and asks for its one effect.
 */

/** Retries of what no target's settings speak of: publish, commit and a rollback's confirmation. */
export const OWN_RETRIES: RetrySettings = { attempts: Infinity, backoffMs: 1_000, maxMs: 30_000 };

/** Begins a rollout, unless the app already runs on just that. */
export function start(
  state: State,
  candidate: Candidate,
  reason: Rollout['reason'],
  plan: Plan,
): Move {
  if (reason === 'start' || !isInPlace(state, candidate.version, plan))
    return begin(state, candidate, reason, plan);
  const idle: State = { ...state, seq: state.seq + 1, next: null, phase: { name: 'steady' } };
  return [idle, [unchanged(candidate)]];
}

/** Begins a rollout, whatever is in place. */
export function begin(
  state: State,
  candidate: Candidate,
  reason: Rollout['reason'],
  plan: Plan,
): Move {
  const { rollout: id, version, sameAs } = candidate;
  const rollout: Rollout = { rollout: id, version, reason, failure: null };
  // What others may run on is not known to mean the same.
  const isQuiet = sameAs !== undefined && sameAs === state.active && state.told.length === 0;
  const quiet = isQuiet && reason === 'changed' ? ({ quiet: true } as const) : {};
  return publish({ ...state, next: null }, { ...rollout, ...quiet }, FIRST_TRY, plan);
}

/** What the rollout wants the app to run on: its version, or on the way back the last good one. */
export function aimOf(rollout: Rollout, state: State): Version {
  return rollout.failure === null ? rollout.version : (state.lastGood ?? rollout.version);
}

/** Puts the aim of the rollout where the app reads it. In direct mode there is nothing to do. */
export function publish(state: State, rollout: Rollout, tries: Tries, plan: Plan): Move {
  if (!plan.publishes) return deliver(state, rollout, 0, FIRST_TRY, plan);
  const version = aimOf(rollout, state);
  return enter(state, { name: 'publishing', rollout, tries }, (seq) => ({
    type: 'publish',
    seq,
    rollout: rollout.rollout,
    version,
  }));
}

/** Tells the first target from `from` on that is to be told; confirms when there is none left. */
export function deliver(
  state: State,
  rollout: Rollout,
  from: number,
  tries: Tries,
  plan: Plan,
): Move {
  const back = rollout.failure !== null;
  if (rollout.quiet && !back) return commit(state, rollout, FIRST_TRY, plan);
  const isMeant = (index: number) =>
    index >= from && (isTold(rollout, plan) || (back && state.told.includes(index)));
  const target = plan.targets.findIndex((_, index) => isMeant(index));
  if (target === -1) return confirm(state, rollout, FIRST_TRY, plan);
  const told = state.told.includes(target) ? state.told : [...state.told, target];
  return enter({ ...state, told }, { name: 'delivering', rollout, target, tries }, (seq) => ({
    type: 'deliver',
    seq,
    rollout: rollout.rollout,
    version: aimOf(rollout, state),
    previous: back ? rollout.version : state.active,
    target,
    attempt: tries.attempt,
    reason: back ? 'rollback' : 'changed',
  }));
}

/**
 * Whether all are told. An app reads the first version when it starts, unless it may have started
 * before it was there, which is then so of the one that comes back as well. Any other way back is for
 * those who may run on something else.
 */
export function isTold({ reason, failure }: Rollout, { tellsAtStart }: Plan): boolean {
  return reason === 'start' ? tellsAtStart === true : failure === null;
}

/** Puts the aim on probation; without `confirm` in the settings it is taken as proven. */
export function confirm(state: State, rollout: Rollout, tries: Tries, plan: Plan): Move {
  if (!plan.confirms) return commit(state, rollout, FIRST_TRY, plan);
  // An app that reads it when it starts has been told as well as by a request.
  const everybody = plan.targets.map((_, index) => index);
  const told = rollout.reason === 'start' ? everybody : state.told;
  const patient = isPatient(rollout, plan);
  const version = aimOf(rollout, state);
  return enter({ ...state, told }, { name: 'confirming', rollout, tries }, (seq) => ({
    type: 'confirm',
    seq,
    rollout: rollout.rollout,
    version,
    patient,
  }));
}

/**
 * Whether the deadline waits for the app's first answer: where no delivery has reached it in this
 * run of the sidecar, it may be down for other reasons, and then nothing speaks against the version.
 */
function isPatient({ reason, failure, resumed }: Rollout, plan: Plan): boolean {
  const untold = plan.publishes && plan.targets.length === 0;
  return reason === 'start' || failure !== null || resumed === true || untold;
}

/** The app runs on it: keeps it as the last good one, or ends the way back. */
export function commit(state: State, rollout: Rollout, tries: Tries, plan: Plan): Move {
  if (rollout.failure !== null) return rolledBack(state, rollout, rollout.failure, plan);
  return enter(state, { name: 'committing', rollout, tries }, (seq) => ({
    type: 'commit',
    seq,
    rollout: rollout.rollout,
    version: rollout.version,
  }));
}

/** Ends the rollout under way, if there is one, for the version that waits. */
export function supersede(state: State, plan: Plan): Move {
  const old = rolloutOf(state);
  const { next: newer } = state;
  if (newer === null) return [state, []];
  const finish = old === null ? [] : [superseded(old, old.failure)];
  return after(finish, start(state, newer, 'changed', plan));
}

/** After the app was told, or something was published, the last good one has to come back. */
export function fail(state: State, rollout: Rollout, failure: Failure, plan: Plan): Move {
  // The last good one of an earlier pod may be published, and not have been committed here yet.
  const isActive = state.active === state.lastGood;
  const touched = state.published !== state.lastGood || state.told.length > 0 || !isActive;
  const canGoBack = plan.publishes && plan.onFailure === 'rollback' && state.lastGood !== null;
  if (canGoBack && touched) return publish(state, { ...rollout, failure }, FIRST_TRY, plan);
  return giveUp(state, rollout, failure, 'rejected', plan);
}

/** Goes on with the rollout under way, unless its version has been quarantined meanwhile. */
export function unlessDisowned(state: State, go: (state: State) => Move, plan: Plan): Move {
  const rollout = rolloutOf(state);
  if (rollout === null || rollout.failure !== null) return go(state);
  const known = quarantined(state, rollout.version);
  if (known === undefined) return go(state);
  const { step, findings } = known;
  return fail(state, rollout, { kind: 'refused', step, findings }, plan);
}

/** Nothing is being done that would have to be waited for. */
export function isInterruptible({ name }: Phase): boolean {
  return name === 'retrying' || name === 'confirming';
}

function rolledBack(state: State, rollout: Rollout, failure: Failure, plan: Plan): Move {
  const restored: State = { ...state, active: state.lastGood, told: [] };
  return giveUp(restored, rollout, failure, 'rolled-back', plan);
}

/** Ends a failed rollout; one that failed by a fault is tried again after a while. */
function giveUp(
  state: State,
  { rollout, version }: Rollout,
  failure: Failure,
  outcome: 'rejected' | 'rolled-back',
  plan: Plan,
): Move {
  const finish: Effect = { type: 'finish', rollout, version, outcome, failure };
  const idle: State = { ...state, seq: state.seq + 1, phase: { name: 'steady' } };
  const isDesired = state.desired === version && state.checking === null;
  // The way back from a crash may end on the very version that the volume holds.
  if (!isDesired || isInPlace(idle, version, plan)) return [idle, [finish]];
  const { step, findings } = failure;
  const rejected: State = { ...idle, rejected: { rollout, version, step, findings } };
  if (failure.kind !== 'fault' && failure.kind !== 'cut-off') return [rejected, [finish]];
  return later([rejected, [finish]], { version }, plan);
}

/** What failed, but not by itself, is tried again, after twice as long each time. */
export function later([state, effects]: Move, again: Omit<Again, 'failures'>, plan: Plan): Move {
  const { version } = again;
  const failures = (state.again?.version === version ? state.again.failures : 0) + 1;
  const ms = againMs(failures, plan);
  const ends = effects.map((effect) =>
    effect.type === 'finish' && effect.version === version ? { ...effect, againMs: ms } : effect,
  );
  const wait: Effect = { type: 'wait-again', version, ms };
  return [{ ...state, again: { ...again, failures } }, [...ends, wait]];
}

/** The longest wait before a version that failed by a fault is tried again. */
export const MAX_AGAIN_MS = 15 * 60_000;

/** First after the longest wait between two tries, then at doubling intervals. */
export function againMs(failures: number, { targets }: Plan): number {
  const firstMs = Math.max(...targets.map((retries) => retries.maxMs), 0) || OWN_RETRIES.maxMs;
  return Math.min(firstMs * 2 ** (failures - 1), MAX_AGAIN_MS);
}

interface Retry {
  readonly rollout: Rollout;
  readonly step: Redo;
  readonly target?: number;
  readonly tries: Tries;
  /** Not sooner than this. */
  readonly afterMs?: number;
  /** Nobody was there, and the wait may end when somebody appears. */
  readonly absent?: boolean;
}

/** Waits, twice as long each time, before the step is done again. */
export function retry(
  state: State,
  { rollout, step, target = 0, afterMs = 0, absent = false, ...again }: Retry,
  findings: readonly Finding[],
  { backoffMs, maxMs }: RetrySettings,
): Move {
  const tries: Tries = { ...again.tries, findings };
  const backMs = Math.min(backoffMs * 2 ** (tries.attempt - 1), maxMs);
  const leastMs = Math.min(afterMs, MAX_AGAIN_MS);
  const phase: Phase = { name: 'retrying', rollout, step, target, tries };
  return enter(state, phase, (seq) => ({
    type: 'wait',
    seq,
    ms: Math.max(backMs, leastMs),
    ...(leastMs > 0 ? { leastMs } : {}),
    ...(absent ? { absent: target } : {}),
  }));
}

/** Does the step of a retrying phase again, as the next attempt. */
export function tryAgain(state: State, phase: Phase & { name: 'retrying' }, plan: Plan): Move {
  const { rollout, step, target } = phase;
  const tries: Tries = { ...phase.tries, attempt: phase.tries.attempt + 1 };
  switch (step) {
    case 'publish':
      return publish(state, rollout, tries, plan);
    case 'deliver':
      return deliver(state, rollout, target, tries, plan);
    case 'confirm':
      return confirm(state, rollout, tries, plan);
    case 'commit':
      return commit(state, rollout, tries, plan);
  }
}

/** A change of phase: from now on, answers to the one before are late. */
export function enter(state: State, phase: Phase, effectOf: (seq: number) => Effect): Move {
  const seq = state.seq + 1;
  return [{ ...state, seq, phase }, [effectOf(seq)]];
}

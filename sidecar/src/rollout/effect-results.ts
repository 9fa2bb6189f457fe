import type { Finding } from '@lastgood/core/model/finding.ts';
import { prependEffects, quarantine } from './quarantine.ts';
import {
  type Effect,
  type Event,
  type Failure,
  FIRST_ATTEMPT,
  type Move,
  type Phase,
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
  OWN_RETRIES,
  retryStep,
  supersede,
} from './transitions.ts';

/** What becomes of a phase when its effect has ended. */

/** The end of the effect, or of the wait, of the present phase. */
export type Ended = Event & { type: 'done' | 'failed' | 'answered' | 'retry-due' };

/** Leads on from the phase whose effect, or wait, has just ended. */
export function onEffectEnded(state: State, event: Ended, config: RolloutConfig): Move {
  const { phase } = state;
  switch (phase.name) {
    case 'publishing':
      if (event.type === 'done') return onPublished(state, phase.rollout, config);
      return event.type === 'failed'
        ? onPublishFailed(state, phase, event.findings, config)
        : [state, []];
    case 'delivering':
      return event.type === 'answered' ? onDelivered(state, phase, event, config) : [state, []];
    case 'confirming':
      if (event.type === 'done')
        return enterCommitting(state, phase.rollout, FIRST_ATTEMPT, config);
      return event.type === 'failed'
        ? onConfirmFailed(state, phase, event.findings, config)
        : [state, []];
    case 'committing':
      if (event.type === 'done') return onCommitted(state, phase.rollout, config);
      return event.type === 'failed'
        ? continueOrSupersede(
            state,
            (s) => enterRetrying(s, { ...phase, step: 'commit' }, event.findings, OWN_RETRIES),
            config,
          )
        : [state, []];
    case 'retrying':
      return event.type === 'retry-due' ? retryStep(state, phase, config) : [state, []];
    default:
      return [state, []];
  }
}

/** Goes on with the rollout, unless a newer version waits (P6) or this one may not (P4). */
function continueOrSupersede(
  state: State,
  go: (state: State) => Move,
  config: RolloutConfig,
): Move {
  return state.next === null
    ? continueUnlessQuarantined(state, go, config)
    : supersede(state, config);
}

function onPublished(state: State, rollout: Rollout, config: RolloutConfig): Move {
  const version = desiredVersion(rollout, state);
  // Whoever restarts from now on reads it, told or not; a way back must reach them as well (P5).
  const mayRun =
    version === state.lastGood ? state.notifiedTargets : config.targets.map((_, index) => index);
  // At a start that nobody is told of, the same is noted once the app is looked at.
  const isUntold = rollout.reason === 'start' && config.tellsAtStart !== true;
  const notifiedTargets = isUntold ? state.notifiedTargets : mayRun;
  const reached: State = { ...state, published: version, notifiedTargets };
  return continueOrSupersede(
    reached,
    (s) => enterDelivering(s, rollout, 0, FIRST_ATTEMPT, config),
    config,
  );
}

function onPublishFailed(
  state: State,
  phase: Phase & { name: 'publishing' },
  findings: readonly Finding[],
  config: RolloutConfig,
): Move {
  const { rollout } = phase;
  const go = (s: State): Move =>
    // With nothing to go back to, or already on the way back, all there is to do is to try again.
    rollout.failure !== null || s.lastGood === null
      ? enterRetrying(s, { ...phase, step: 'publish' }, findings, OWN_RETRIES)
      : enterRollback(s, rollout, { kind: 'fault', step: 'publish', findings }, config);
  return continueOrSupersede(state, go, config);
}

function onDelivered(
  state: State,
  phase: Phase & { name: 'delivering' },
  { answer, findings, retryAfterMs = 0, final }: Event & { type: 'answered' },
  config: RolloutConfig,
): Move {
  const { rollout, target } = phase;
  const back = rollout.failure !== null;
  if (answer === 'accepted')
    return continueOrSupersede(
      state,
      (s) => enterDelivering(s, rollout, target + 1, FIRST_ATTEMPT, config),
      config,
    );
  const refusal: Failure = { kind: 'refused', step: 'deliver', findings };
  if (answer === 'refused' && !back) {
    const known = quarantine(state, rollout, refusal);
    return continueOrSupersede(known, (s) => enterRollback(s, rollout, refusal, config), config);
  }
  const retries = config.targets[target] ?? OWN_RETRIES;
  // Somebody was there and then nobody: the app may have died of it, and would for ever.
  const counts = answer === 'fault' || phase.tries.faults > 0;
  const faults = phase.tries.faults + (counts ? 1 : 0);
  const tries = { ...phase.tries, faults };
  const isOver = faults >= retries.attempts || (final === true && answer === 'fault');
  const again = { rollout, target, tries, step: 'deliver', afterMs: retryAfterMs } as const;
  const go = (s: State): Move =>
    !back && isOver
      ? enterRollback(s, rollout, { kind: 'fault', step: 'deliver', findings }, config)
      : enterRetrying(s, { ...again, absent: answer === 'absent' }, findings, retries);
  return continueOrSupersede(state, go, config);
}

function onConfirmFailed(
  state: State,
  phase: Phase & { name: 'confirming' },
  findings: readonly Finding[],
  config: RolloutConfig,
): Move {
  const { rollout } = phase;
  if (rollout.failure !== null)
    return enterRetrying(state, { ...phase, step: 'deliver' }, findings, OWN_RETRIES);
  // The first start has nothing to go back to, and a large model may take its time to load.
  if (rollout.reason === 'start' && (state.lastGood ?? rollout.version) === rollout.version)
    return enterRetrying(state, { ...phase, step: 'confirm' }, findings, OWN_RETRIES);
  const failure: Failure = { kind: 'unproven', step: 'confirm', findings };
  return enterRollback(quarantine(state, rollout, failure), rollout, failure, config);
}

function onCommitted(state: State, way: Rollout, config: RolloutConfig): Move {
  const { rollout, version, skipNotify } = way;
  const outcome = skipNotify ? 'unchanged' : 'committed';
  const told = config.targets.length > 0 && notifiesTargets(way, config);
  const finish: Effect = { type: 'finish', rollout, version, outcome, failure: null, told };
  const settled: State = {
    ...state,
    generation: state.generation + 1,
    phase: { name: 'steady' },
    active: version,
    lastGood: version,
    notifiedTargets: [],
    pendingRetry: null,
    rejected: state.rejected?.version === version ? null : state.rejected,
    quarantine: state.quarantine.filter((entry) => entry.version !== version),
  };
  return prependEffects([finish], startNext(settled, config));
}

/** After a commit: the version that waited meanwhile. */
function startNext(state: State, config: RolloutConfig): Move {
  return state.next === null ? [state, []] : enterNewRollout(state, state.next, 'changed', config);
}

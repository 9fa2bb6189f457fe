import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { pino } from 'pino';
import type { Finish } from '../rollout/events.ts';
import {
  EMPTY,
  FIRST_ATTEMPT,
  type Rollout,
  type RolloutConfig,
  type State,
} from '../rollout/state.ts';
import type { StepReport } from '../runner/ports.ts';
import { createMetrics } from './metrics.ts';
import { createObserver } from './observer.ts';
import { createStatusTracker } from './status.ts';

const RETRIES = { attempts: 5, backoffMs: 1_000, maxMs: 30_000 };
const CONFIG: RolloutConfig = {
  publishes: true,
  targets: [RETRIES, RETRIES],
  confirms: false,
  onFailure: 'rollback',
};

/** An observer of a bundle with two targets, its log lines and its metrics. */
function scene({ clock = systemClock }: { readonly clock?: Clock } = {}) {
  const lines: string[] = [];
  const metrics = createMetrics('0.1.0');
  const write = (text: string): void => {
    const { step, result, target, attempt, back, msg } = JSON.parse(text);
    if (step === undefined) lines.push(msg);
    else lines.push([step, result, target, attempt, ...(back ? ['back'] : [])].join(' ').trim());
  };
  const observer = createObserver({
    bundle: 'model',
    targetLabels: ['webhook-0', 'socket-1'],
    config: CONFIG,
    tracker: createStatusTracker('model', CONFIG, clock),
    clock,
    log: pino({ base: null }, { write }),
    metrics,
    metricsAdapter: undefined,
    onEnd: () => {},
    onSettled: () => {},
  });
  let attempts = 0;
  const deliver = (result: string, more: Partial<StepReport> = {}) => {
    attempts += 1;
    observer.step({
      rollout: '01J',
      version: 'sha256:1',
      step: 'deliver',
      result,
      durationMs: 1,
      findings: result === 'accepted' ? [] : [findingOf('LG_DELIVER_ABSENT', ['app', result])],
      targetIndex: 0,
      target: 'app',
      attempt: attempts,
      isRollback: false,
      ...more,
    });
  };
  return { deliver, lines, metrics, observer };
}

test('the log has the first of several absent answers, and the answer after them', () => {
  const { deliver, lines } = scene();
  for (let count = 0; count < 100; count++) deliver('absent');
  deliver('fault');
  deliver('absent');
  deliver('absent');
  deliver('accepted');
  assert.deepEqual(lines, [
    'deliver absent app 1',
    'deliver fault app 101',
    'deliver absent app 102',
    'deliver accepted app 104',
  ]);
});

test('another rollout, another target and the rollback each log their first absent answer', () => {
  const { deliver, lines } = scene();
  for (const more of [
    {},
    { targetIndex: 1, target: 'proxy' },
    { rollout: '01K' },
    { rollout: '01K', isRollback: true },
  ])
    for (let count = 0; count < 3; count++) deliver('absent', more);
  assert.deepEqual(lines, [
    'deliver absent app 1',
    'deliver absent proxy 4',
    'deliver absent app 7',
    'deliver absent app 10 back',
  ]);
});

test('other steps in between do not log an absent app again', () => {
  const { deliver, lines } = scene();
  deliver('absent');
  deliver('rejected', { step: 'validate', rollout: '01K' });
  deliver('absent');
  assert.deepEqual(lines, ['deliver absent app 1', 'validate rejected app 2']);
});

test('the metrics and the status have every absent answer', async () => {
  const { deliver, metrics, observer } = scene();
  for (let count = 0; count < 7; count++) deliver('absent');
  const text = await metrics.text();
  assert.match(text, /^lastgood_delivery_retries_total\{bundle="model",target="webhook-0"\} 6$/m);
  assert.match(text, /^lastgood_step_duration_seconds_count\{.*step="deliver".*\} 7$/m);
  assert.ok(observer);
});

test('a version that waits for a restart of the app is logged once, and is no alert', async () => {
  const { lines, metrics, observer } = scene();
  const version = `sha256:${'2'.repeat(64)}` as const;
  const needsRestart = [findingOf('LG_DELIVER_NEEDS_RESTART', ['worker', 'threads'])];
  const begun = { rollout: '01J', version, reason: 'changed', failure: null } as const;
  const rollout: Rollout = { ...begun, needsRestart };
  const phase = { name: 'pending-restart', rollout } as const;
  const active = `sha256:${'1'.repeat(64)}` as const;
  const state: State = { ...EMPTY, phase, active, published: active, desired: version };
  observer.changed(state);
  observer.changed({ ...state, generation: 1 });
  assert.deepEqual(lines, [
    '222222222222 needs a restart of the app: worker needs a restart: threads [LG_DELIVER_NEEDS_RESTART]; ' +
      'until then it stays on 111111111111; restart it, for example with kubectl rollout restart',
  ]);
  const text = await metrics.text();
  assert.match(text, /^lastgood_pending_restart\{bundle="model"\} 1$/m);
  assert.match(text, /^lastgood_degraded\{bundle="model"\} 0$/m);
  observer.changed({ ...EMPTY, active: version, published: version });
  assert.match(await metrics.text(), /^lastgood_pending_restart\{bundle="model"\} 0$/m);
});

test('a rollback of which an attempt has failed is failing until its end, also while a step goes well', async () => {
  const { metrics, observer } = scene();
  const findings = [findingOf('LG_DELIVER_ABSENT', ['app', 'ECONNREFUSED'])];
  const failure = { kind: 'refused', step: 'deliver', findings } as const;
  const rollout: Rollout = { rollout: '01J', version: 'sha256:2', reason: 'changed', failure };
  const good = { active: 'sha256:1', published: 'sha256:1', lastGood: 'sha256:1' } as const;
  const state: State = { ...EMPTY, ...good, desired: 'sha256:2' };
  const failed = { attempt: 1, faults: 1, findings };
  const failing = async (phase: State['phase']) => {
    observer.changed({ ...state, phase });
    return /^lastgood_rollback_failing\{bundle="model"\} (\d)$/m.exec(await metrics.text())?.[1];
  };
  const confirming = { name: 'confirming', rollout, tries: FIRST_ATTEMPT } as const;
  const retrying = { ...confirming, name: 'retrying', step: 'deliver', target: 0 } as const;
  assert.equal(await failing(confirming), '0');
  assert.equal(await failing({ ...retrying, tries: failed }), '1');
  assert.equal(await failing(confirming), '1');
  assert.equal(await failing({ name: 'steady' }), '0');
  const forward = { ...rollout, rollout: '01K', failure: null };
  assert.equal(await failing({ ...retrying, rollout: forward, tries: failed }), '0');
});

test('the latency of a commit does not count what the clock was set by', async () => {
  let [nowMs, wallMs] = [5_000, 1_700_000_000_000];
  const clock = { ...systemClock, nowMs: () => nowMs, wallMs: () => wallMs };
  const { deliver, metrics, observer } = scene({ clock });
  const version = 'sha256:1';
  const snapshot = { version, files: [], sizeBytes: 0, writtenAtMs: wallMs - 1_000 } as const;
  deliver('captured', { step: 'capture', snapshot });
  nowMs += 2_000;
  wallMs += 3_600_000;
  const end = { type: 'finish', rollout: '01J', version, outcome: 'committed' } as const;
  observer.finished({ ...end, failure: null }, EMPTY, snapshot);
  assert.match(await metrics.text(), /^lastgood_commit_latency_seconds_sum\{bundle="model"\} 3$/m);
});

test('a duration in the status has at most two digits after the point', () => {
  const tracker = createStatusTracker('model', CONFIG, systemClock);
  const step = { step: 'capture', result: 'captured', durationMs: 1.23456789012 } as const;
  tracker.step({ rollout: '01J', version: null, findings: [], isRollback: false, ...step });
  tracker.finished({ ...({} as Finish), rollout: '01J', outcome: 'rejected' });
  const [rollout] = tracker.status(EMPTY).recent;
  assert.equal(rollout?.steps[0]?.durationMs, 1.23);
});

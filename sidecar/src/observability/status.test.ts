import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { steady, v2, v3 } from '../rollout/machine.testing.ts';
import { EMPTY, type RolloutConfig, type State } from '../rollout/state.ts';
import { createStatusTracker } from './status.ts';

const config: RolloutConfig = { publishes: true, targets: [], confirms: false, onFailure: 'hold' };
const version = 'sha256:v2';
const id = '01JDG6S8K3F0N7R2A5H9E4D1VW';

test('since is when the health began; a newer rejection has its own time', () => {
  let ms = 0;
  const clock = { ...systemClock, wallMs: () => ms, nowMs: () => ms };
  const machine = steady();
  const tracker = createStatusTracker('model', machine.config, clock);
  tracker.changed(machine.state);
  const seen = [v2, v3].map((version) => {
    ms += 60_000;
    tracker.changed(machine.holdsBad(version).state);
    const { health, rejected } = tracker.status(machine.state);
    return [health.state, health.since, rejected?.version, rejected?.at];
  });
  const [first, second] = ['1970-01-01T00:01:00.000Z', '1970-01-01T00:02:00.000Z'];
  assert.deepEqual(seen, [
    ['degraded', first, v2, first],
    ['degraded', first, v3, second],
  ]);
});

test('the status shows a version that is checked, and then asked about, as a rollout', () => {
  const tracker = createStatusTracker('model', config, systemClock);
  const done = { rollout: id, version, durationMs: 1, findings: [], isRollback: false } as const;
  const checking = { rollout: id, version } as const;
  const state: State = { ...EMPTY, desired: version, checking };
  const shown = (of = state) => {
    const { phase, rollout } = tracker.status(of);
    return [phase, rollout?.id];
  };
  tracker.step({ ...done, step: 'capture', result: 'captured' });
  assert.deepEqual(shown(), ['checking', id]);
  tracker.step({ ...done, step: 'validate', result: 'accepted' });
  assert.deepEqual(shown(), ['preparing', id]);
  assert.deepEqual(shown({ ...state, checking: null }), ['steady', undefined]);
  const current = {
    rollout: '01JDG',
    version: 'sha256:v1',
    reason: 'changed',
    failure: null,
  } as const;
  const waiting: State = { ...state, phase: { name: 'pending-restart', rollout: current } };
  assert.equal(shown(waiting)[0], 'pending-restart');
});

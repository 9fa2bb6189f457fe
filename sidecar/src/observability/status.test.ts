import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { steady, v2, v3 } from '../rollout/machine.testing.ts';
import { createStatusTracker } from './status.ts';

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

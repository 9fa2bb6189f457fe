import assert from 'node:assert/strict';
import { test } from 'node:test';
import { steady, v2 } from '../rollout/machine.testing.ts';
import { recover } from '../rollout/recovery.ts';
import { noteDegradedSince } from './degraded-since.ts';

test('a bundle is degraded since its first trouble, until the newest version is active', () => {
  const machine = steady();
  const { config } = machine;
  assert.equal(noteDegradedSince(machine.state, config, 1).degradedSinceMs ?? null, null);
  machine.state = noteDegradedSince(machine.holdsBad(v2).state, config, 1_000);
  assert.equal(machine.state.degradedSinceMs, 1_000);
  assert.equal(noteDegradedSince(machine.state, config, 2_000).degradedSinceMs, 1_000);
  machine.holds('sha256:1');
  assert.equal(noteDegradedSince(machine.state, config, 3_000).degradedSinceMs, null);
});

test('P7: a restart keeps the time, until the version in the volume is known', () => {
  const machine = steady();
  const { config } = machine;
  const degraded = noteDegradedSince(machine.holdsBad(v2).state, config, 1_000);
  const saved = { ...degraded, desired: null, rejected: null };
  const visible = 'sha256:1';
  const [started] = recover({ saved, visible, lastGood: visible, rollbackId: 'x' }, config);
  machine.state = noteDegradedSince(started, config, 5_000);
  assert.equal(machine.state.degradedSinceMs, 1_000);
  assert.equal(noteDegradedSince(machine.holdsBad(v2).state, config, 5_000).degradedSinceMs, 1_000);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { earliestStart, readEarliestStart } from './process-start.ts';

/** Node took 3 s to load, and has been running for 2 s. */
const CLOCKS = { ageMs: 5_000, runningMs: 2_000, runningSinceWallMs: 103_000, wallMs: 105_000 };
const START = 100_000 - 30;

test('a process starts before Node runs in it', async () => {
  const start = await readEarliestStart();
  assert.ok(start < performance.timeOrigin, 'before');
  assert.ok(start > performance.timeOrigin - 600_000, 'but not long before');
  assert.equal(earliestStart(CLOCKS), START);
});

test('after a step of the wall clock, the earlier of the two possible times counts', () => {
  assert.equal(earliestStart({ ...CLOCKS, wallMs: 108_000 }), START);
  assert.equal(earliestStart({ ...CLOCKS, wallMs: 102_000 }), START - 3_000);
});

test('if the system does not say when it started, it may have been long before', () => {
  const unknown = 103_000 - 10_000 - 30;
  assert.equal(earliestStart({ ...CLOCKS, ageMs: undefined }), unknown);
  // The age of a container, beside ticks since the boot of the node.
  assert.equal(earliestStart({ ...CLOCKS, ageMs: -86_400_000 }), unknown);
  assert.equal(earliestStart({ ...CLOCKS, ageMs: Number.NaN }), unknown);
});

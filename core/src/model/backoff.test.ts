import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addJitter, backoff } from './backoff.ts';

test('waits double from the first one up to the longest, however many failures there are', () => {
  const waits = [1, 2, 3, 4, 5_000].map((failures) =>
    backoff(failures, { backoffMs: 1_000, maxMs: 5_000 }),
  );
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 5_000, 5_000]);
});

test('jitter takes away at most half of a wait', () => {
  assert.deepEqual([addJitter(1_000, 0), addJitter(1_000, 0.5)], [500, 750]);
});

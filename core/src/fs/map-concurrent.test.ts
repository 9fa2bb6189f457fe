import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { allSettledOrThrow, mapConcurrent } from './map-concurrent.ts';

test('a failure is thrown only when all others have ended', async () => {
  const slow = Promise.withResolvers<void>();
  let isTold = false;
  const all = allSettledOrThrow([Promise.reject(new Error('first')), slow.promise]);
  all.catch(() => {
    isTold = true;
  });
  await nextTurn();
  assert.equal(isTold, false);
  slow.resolve();
  await assert.rejects(all, /first/);
});

test('items run in order, at most so many at a time, each in its own lane', async () => {
  const busy = new Set<number>();
  const begun: number[] = [];
  await mapConcurrent([1, 2, 3, 4, 5, 6, 7], 3, async (item, lane) => {
    begun.push(item);
    assert.ok(!busy.has(lane) && lane < 3);
    busy.add(lane);
    await nextTurn();
    busy.delete(lane);
  });
  assert.deepEqual(begun, [1, 2, 3, 4, 5, 6, 7]);
  await mapConcurrent([], 3, () => assert.fail('there is nothing to do'));
});

test('after a failure nothing more is started, and running work may finish', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const all = mapConcurrent([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    if (item === 1) throw new Error('no');
    await nextTurn();
    ended.push(item);
  });
  await assert.rejects(all, /no/);
  assert.deepEqual([begun, ended], [[1, 2], [2]]);
});

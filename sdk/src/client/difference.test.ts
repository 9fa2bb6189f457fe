import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { differenceOf } from './difference.ts';

test('an app that keeps a value keeps no later one', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc');
  const first = { n: 1 };
  let second: object | undefined = { n: 2 };
  const later = new WeakRef(second);
  assert.deepEqual(differenceOf(first, second).changed, ['/n']);
  second = undefined;
  // A WeakRef holds its target until the end of the turn.
  await new Promise(setImmediate);
  collectGarbage();
  assert.equal(later.deref(), undefined);
  assert.equal(first.n, 1);
});

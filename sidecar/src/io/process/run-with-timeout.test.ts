import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { runWithTimeout, TIMED_OUT } from './run-with-timeout.ts';

/** A pattern that backtracks for longer than the sun will shine. */
const HANGS = () => /^(a+)+$/.test(`${'a'.repeat(100)}b`);

test('a pattern that backtracks without end is cut off, and the next work goes on', () => {
  assert.equal(runWithTimeout(HANGS, 20), TIMED_OUT);
  assert.equal(
    runWithTimeout(() => 'done', 60_000),
    'done',
  );
});

test('work that is cut off leaves no async context behind', () => {
  const storage = new AsyncLocalStorage<string>();
  assert.equal(
    runWithTimeout(() => storage.run('inside', HANGS), 20),
    TIMED_OUT,
  );
  assert.equal(storage.getStore(), undefined);
});

test('what the work throws is thrown, and leaves nothing behind', () => {
  assert.throws(() => runWithTimeout(() => assert.fail('wrong'), 60_000), /wrong/);
  assert.deepEqual(
    Object.getOwnPropertySymbols(globalThis).filter((symbol) =>
      symbol.description?.startsWith('lastgood'),
    ),
    [],
  );
});

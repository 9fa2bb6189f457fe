import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { test } from 'node:test';
import { matchWithTimeout, runWithTimeout, TIMED_OUT } from './run-with-timeout.ts';

/** A pattern that backtracks for longer than the sun will shine. */
const HANGS = () => /^(a+)+$/.test(`${'a'.repeat(100)}b`);

test('a pattern that backtracks without end is cut off, and the next work goes on', () => {
  assert.equal(runWithTimeout(HANGS, 20), TIMED_OUT);
  assert.equal(
    runWithTimeout(() => 'done', 60_000),
    'done',
  );
});

/** Waits for longer than the limit without use of the CPU, as often as this; then matches. */
function stalling(times: number) {
  let tries = 0;
  const test = () => {
    tries += 1;
    if (tries <= times) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return true;
  };
  return { pattern: { test }, tries: () => tries };
}

test('a pattern is not to blame for a process that could not run, and is tried again, not without end', () => {
  assert.equal(matchWithTimeout(stalling(1).pattern, '', 500), true);
  const { pattern, tries } = stalling(Infinity);
  assert.equal(matchWithTimeout(pattern, '', 200), TIMED_OUT);
  assert.equal(tries(), 3);
});

test('a pattern that has had a tenth of a CPU is to blame, and is not tried again', (t) => {
  t.mock.method(process, 'threadCpuUsage', () => ({ user: 20_000, system: 0 }));
  const { pattern, tries } = stalling(Infinity);
  assert.equal(matchWithTimeout(pattern, '', 200), TIMED_OUT);
  assert.equal(tries(), 1);
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

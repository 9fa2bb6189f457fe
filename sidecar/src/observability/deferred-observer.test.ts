import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { findingOf } from '@lastgood/core/model/error.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { EMPTY } from '../rollout/state.ts';
import type { Observer } from '../runner/ports.ts';
import { deferObserver } from './deferred-observer.ts';

/** Notes its calls; `changed` throws. */
function observer() {
  const calls: string[] = [];
  const seen: Observer = {
    step: () => calls.push('step'),
    waiting: () => calls.push('waiting'),
    finished: () => calls.push('finished'),
    changed: () => {
      throw new RangeError('a gauge that does not exist');
    },
    blocked: () => calls.push('blocked'),
    problem: (finding) => calls.push(formatFinding(finding)),
  };
  return { calls, seen };
}

test('calls come in order at the end of the turn, or at once by a flush, and only once', async () => {
  const { calls, seen } = observer();
  const { blocked, flush, problem } = deferObserver(seen);
  blocked(null, EMPTY);
  problem(findingOf('LG_INTERNAL', ['first']));
  assert.deepEqual(calls, []);
  flush();
  assert.equal(calls.length, 2);
  blocked(null, EMPTY);
  await setImmediate();
  assert.deepEqual([calls[0], calls[2], calls.length], ['blocked', 'blocked', 3]);
});

test('an exception in a call is reported as a problem, and later calls still come', async () => {
  const { calls, seen } = observer();
  const { blocked, changed } = deferObserver(seen);
  changed(EMPTY);
  blocked(null, EMPTY);
  await setImmediate();
  assert.match(calls[0] ?? '', /a gauge that does not exist/);
  assert.deepEqual(calls.slice(1), ['blocked']);
});

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
  const told: string[] = [];
  const seen: Observer = {
    step: () => told.push('step'),
    waiting: () => told.push('waiting'),
    finished: () => told.push('finished'),
    changed: () => {
      throw new RangeError('a gauge that does not exist');
    },
    blocked: () => told.push('blocked'),
    trouble: (finding) => told.push(formatFinding(finding)),
  };
  return { told, seen };
}

test('calls come in order at the end of the turn, or at once by a flush, and only once', async () => {
  const { told, seen } = observer();
  const { blocked, flush, trouble } = deferObserver(seen);
  blocked(null, EMPTY);
  trouble(findingOf('LG_INTERNAL', ['first']));
  assert.deepEqual(told, []);
  flush();
  assert.equal(told.length, 2);
  blocked(null, EMPTY);
  await setImmediate();
  assert.deepEqual([told[0], told[2], told.length], ['blocked', 'blocked', 3]);
});

test('an exception in a call is reported as trouble, and later calls still come', async () => {
  const { told, seen } = observer();
  const { blocked, changed } = deferObserver(seen);
  changed(EMPTY);
  blocked(null, EMPTY);
  await setImmediate();
  assert.match(told[0] ?? '', /a gauge that does not exist/);
  assert.deepEqual(told.slice(1), ['blocked']);
});

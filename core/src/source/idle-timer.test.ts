import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../model/clock.ts';
import { createIdleTimer } from './idle-timer.ts';

/** A clock that a test advances. */
function heldClock() {
  let nowMs = 0;
  const sleepers: { untilMs: number; wake: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => nowMs,
    wallMs: () => nowMs,
    sleep: (ms) => new Promise((wake) => sleepers.push({ untilMs: nowMs + ms, wake })),
  };
  const goOn = async (ms: number) => {
    nowMs += ms;
    const due = sleepers.filter(({ untilMs }) => untilMs <= nowMs);
    for (const sleeper of due) {
      sleepers.splice(sleepers.indexOf(sleeper), 1);
      sleeper.wake();
    }
    await nextTurn();
  };
  return { clock, goOn, timers: () => sleepers.length };
}

function quietOf(idleMs: number) {
  const held = heldClock();
  const abort = new AbortController();
  const calls: number[] = [];
  const onIdle = () => calls.push(held.clock.nowMs());
  const quiet = createIdleTimer({
    idleMs,
    clock: held.clock,
    signal: abort.signal,
    onIdle,
  });
  return { ...held, abort, calls, quiet };
}

test('a touch is followed by one call after the idle time', async () => {
  const { quiet, goOn, calls } = quietOf(100);
  quiet.touch();
  assert.equal(quiet.isWaiting, true);
  await goOn(99);
  assert.deepEqual(calls, []);
  await goOn(1);
  assert.deepEqual(calls, [100]);
  assert.equal(quiet.isWaiting, false);
  await goOn(1_000);
  assert.deepEqual(calls, [100]);
});

test('each touch restarts the wait, with one timer at a time', async () => {
  const { quiet, goOn, calls, timers } = quietOf(100);
  for (let count = 0; count < 5; count++) {
    quiet.touch();
    quiet.touch();
    assert.equal(timers(), 1);
    await goOn(60);
  }
  assert.deepEqual(calls, []);
  await goOn(40);
  assert.deepEqual(calls, [340]);
});

test('P3 a writer that never pauses delays the call by ten times the idle time, again and again', async () => {
  const { quiet, goOn, calls } = quietOf(100);
  for (let count = 0; count < 300; count++) {
    quiet.touch();
    await goOn(10);
  }
  assert.deepEqual(calls, [1_000, 2_000, 3_000]);
});

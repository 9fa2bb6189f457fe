import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { endsWithin, setTimeoutAfterReads, systemClock } from './clock.ts';

/** Resolves with a message that has arrived when this returns, but is not read yet. */
function arrived(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const { promise, resolve } = Promise.withResolvers<void>();
  port2.once('message', () => {
    port2.close();
    resolve();
  });
  port1.postMessage('');
  return promise;
}

/** As in a container that its CPU limit stops. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test('an answer counts that arrived in time, if the process could not run until the deadline was over', async () => {
  const isInTime = endsWithin(arrived(), 1, systemClock);
  block(20);
  assert.equal(await isInTime, true);
});

test('a deadline is over without an answer', async () => {
  assert.equal(await endsWithin(new Promise(() => {}), 1, systemClock), false);
});

test('a deadline never ends once it is cancelled', async () => {
  const cancel = setTimeoutAfterReads(() => assert.fail('not cancelled'), 1);
  cancel();
  await systemClock.sleep(20);
});

test('a deadline can be cancelled after its time is over, until everything is read', async () => {
  const cancel = setTimeoutAfterReads(() => assert.fail('not cancelled'), 1);
  setTimeout(cancel, 1);
  // Both timers are over now, so both run in the same turn, in this order.
  block(20);
  await systemClock.sleep(1);
});

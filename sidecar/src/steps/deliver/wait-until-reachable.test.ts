import assert from 'node:assert/strict';
import net, { type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { freePort } from '../../../../test/free-port.ts';
import { directory, listening } from '../../io/http/server.testing.ts';
import { POLL_MS } from './poll.ts';
import { endpointOf, waitUntilReachable } from './wait-until-reachable.ts';

/** Sleeps no longer than a moment, and counts. */
function quickClock() {
  const slept: number[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => {
      slept.push(ms);
      return systemClock.sleep(2, signal);
    },
  };
  return { clock, slept };
}

async function until(condition: () => boolean): Promise<void> {
  const untilMs = performance.now() + DEADLINE_MS;
  while (!condition()) {
    assert.ok(performance.now() < untilMs, `it has not come about within ${DEADLINE_MS} ms`);
    await systemClock.sleep(5);
  }
}

test('an app that comes back is noticed at the next check, and gets no data', async (t) => {
  const port = await freePort();
  const { clock, slept } = quickClock();
  const seen = waitUntilReachable(
    endpointOf(`http://localhost:${port}/reload`),
    clock,
    new AbortController().signal,
  );
  await until(() => slept.length >= 3);
  const got: number[] = [];
  const ended: Promise<unknown>[] = [];
  const server = net.createServer((socket) => {
    socket.on('data', ({ length }) => got.push(length));
    socket.on('error', () => {});
    ended.push(new Promise((resolve) => socket.on('close', resolve)));
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await seen;
  await Promise.all(ended);
  assert.deepEqual(got, []);
  assert.deepEqual([...new Set(slept)], [POLL_MS]);
});

test('a Unix socket is checked as well', async (t) => {
  const path = join(await directory(t), 'app.sock');
  const { clock, slept } = quickClock();
  const seen = waitUntilReachable(
    endpointOf(`unix:${path}:/reload`),
    clock,
    new AbortController().signal,
  );
  await until(() => slept.length >= 3);
  await listening(t, net.createServer(), path);
  await seen;
});

test('the wait ends with its signal, during a check and in between', async (t) => {
  const { clock, slept } = quickClock();
  const ending = new AbortController();
  const over = new Error('over');
  const waiting = waitUntilReachable(
    endpointOf(`http://127.0.0.1:${await freePort()}/`),
    clock,
    ending.signal,
  );
  const failed = assert.rejects(waiting, over);
  await until(() => slept.length >= 2);
  ending.abort(over);
  await failed;
  const server = net.createServer();
  await listening(t, server);
  const { port } = server.address() as AddressInfo;
  const aborted = waitUntilReachable(
    endpointOf(`http://127.0.0.1:${port}/`),
    clock,
    AbortSignal.abort(over),
  );
  await assert.rejects(aborted, over);
});

import assert from 'node:assert/strict';
import net, { type Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  startUnusual,
  UNUSUAL_SERVERS,
} from '../../../../test/contract/http-client/unusual-servers.ts';
import { recordedVerdicts } from '../../../../test/contract/http-client/verdicts.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { outcomeOf, send } from './request.testing.ts';
import { createHttpClient } from './request.ts';
import { directory, listening, serve } from './server.testing.ts';

const READ_ALL = { isUsed: () => true, maxBytes: 1_000 };

test("whatever Go's client counts as an answer has a status, without a wait for the body", async (t) => {
  const recorded = recordedVerdicts();
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  for (const server of UNUSUAL_SERVERS) {
    const status = recorded[server.title]?.go;
    if (status === 0) continue;
    const url = await startUnusual(t, server);
    const ask = () => client.request({ url, method: 'POST', body: '{}', timeoutMs: DEADLINE_MS });
    const first = await ask();
    const response = server.isRepeated ? await ask() : first;
    assert.equal(response.type === 'answer' && response.status, status, server.title);
  }
});

test('an answer counts even if the app closes before it has read a large request', async (t) => {
  const app = net.createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 422 No\r\n\r\n{"reason":"no"}', () => socket.destroy());
  });
  await listening(t, app);
  const url = `http://127.0.0.1:${(app.address() as net.AddressInfo).port}/`;
  const body = 'x'.repeat(5_000_000);
  const response = await send(t, { url, body, timeoutMs: DEADLINE_MS, bodyUse: READ_ALL });
  assert.equal(response.type, 'answer');
  assert.deepEqual([response.status, response.body], [422, '{"reason":"no"}']);
});

test('P7: a request is sent once, even if the app closes the connection without an answer', async (t) => {
  const path = join(await directory(t), 'app.sock');
  const close = (_seen: unknown, { socket }: { socket: Socket | null }) => void socket?.destroy();
  const near = await serve(t, close, { path });
  const far = await serve(t, close);
  for (const { url, seen } of [{ ...near, url: `unix:${path}:/` }, far]) {
    assert.equal(await outcomeOf(t, { url, method: 'GET' }), 'fault: ECONNRESET');
    assert.equal(seen.length, 1);
  }
});

test('each request has a separate connection, which closes with the answer', async (t) => {
  const sockets = new Set<Socket>();
  const { url, seen } = await serve(t, (_seen, response) => {
    if (response.socket !== null) sockets.add(response.socket);
    response.end();
  });
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  for (const _ of [1, 2]) await client.request({ url, method: 'GET', timeoutMs: DEADLINE_MS });
  assert.deepEqual([sockets.size, seen[0]?.headers.connection], [2, 'close']);
});

test('an app can finish an answer whose body is not used', async (t) => {
  // The time for the rest does not pass, however busy the machine is.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const finished = Promise.withResolvers<boolean>();
  let finish = () => {};
  const { url } = await serve(t, (_seen, response) => {
    response.on('close', () => finished.resolve(response.writableFinished));
    response.write('x'.repeat(1_000));
    finish = () => response.end('x'.repeat(500_000));
  });
  assert.equal(await outcomeOf(t, { url }), 'status 200');
  finish();
  assert.equal(await finished.promise, true);
});

test('a body that never ends is not waited for', { timeout: DEADLINE_MS }, async (t) => {
  const closed = Promise.withResolvers<void>();
  const { url } = await serve(t, (_seen, response) => {
    response.on('close', () => closed.resolve());
    response.write('x');
  });
  assert.equal(await outcomeOf(t, { url }), 'status 200');
  await closed.promise;
});

test('what has arrived of a body by the timeout counts', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  // In one piece: what comes with the headers is read with them.
  const { url } = await serve(
    t,
    (_seen, { socket }) =>
      void socket?.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nready\r\n'),
  );
  const isUsed = () => {
    setImmediate(() => t.mock.timers.tick(1_000));
    return true;
  };
  const bodyUse = { ...READ_ALL, isUsed };
  for (const more of [{}, { headers: { 'x-a': { value: 'b' } } }]) {
    const response = await send(t, { url, timeoutMs: 1_000, bodyUse, ...more });
    assert.equal(response.type, 'answer');
    // It is chunked, and its last chunk is missing.
    assert.deepEqual([response.body, response.bodyEnd], ['ready', 'cut']);
  }
});

test('an abort ends the wait for a body', async (t) => {
  const stop = new AbortController();
  const { url } = await serve(t, (_seen, response) => {
    response.write('ready');
    setTimeout(() => stop.abort(), 50);
  });
  const response = await send(t, { url, bodyUse: READ_ALL, signal: stop.signal });
  assert.deepEqual(response, { type: 'fault', reason: 'aborted' });
});

test('gzip is unpacked as far as it goes, and never beyond the limit', async (t) => {
  const packed = gzipSync('x'.repeat(900));
  const bodies = [
    packed,
    packed.subarray(0, -9),
    gzipSync('x'.repeat(10 ** 7)),
    Buffer.from('no gzip'),
  ];
  const { url } = await serve(t, (_seen, response) => {
    response.setHeader('content-encoding', 'gzip');
    response.end(bodies.shift());
  });
  const ends: unknown[] = [];
  while (bodies.length > 0) {
    const response = await send(t, { url, bodyUse: { ...READ_ALL, maxBytes: 20_000 } });
    if (response.type === 'answer') ends.push([response.body.length, response.bodyEnd]);
  }
  assert.deepEqual(ends, [
    [900, 'whole'],
    [900, 'whole'],
    [0, 'long'],
    [0, 'cut'],
  ]);
});

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { commit, prepare, rollback, start, state, versionOf } from './events.testing.ts';
import { FakeBundle, type Stream, serving, snapshotOf } from './server.testing.ts';

const EVENTS = '/v1/bundles/model/events';
const MIB = 2 ** 20;

function model(content: string | Buffer = 'a: 1\n'): FakeBundle {
  return new FakeBundle('model', snapshotOf(1, { 'a.yaml': content }));
}

/** A client that sends a request and reads nothing. */
async function deafClient(t: TestContext, path: string, request: string): Promise<Socket> {
  const socket = connect(path);
  t.after(() => socket.destroy());
  socket.on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  socket.write(`GET ${request} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return socket;
}

/** Both ends of each connection in this process. */
function openPipes(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
}

async function skip(stream: Stream, events: number): Promise<void> {
  for (let index = 0; index < events; index += 1) assert.ok(await stream.next());
}

test('a client that has the version gets 304 for the bundle and for its files', async (t) => {
  const { send } = await serving(t, [model()]);
  const tag = `"${versionOf(1)}"`;
  for (const path of ['/v1/bundles/model', '/v1/bundles/model/files/a.yaml'])
    for (const [known, expected] of [
      [tag, 304],
      [`"other", W/${tag}`, 304],
      ['*', 304],
      ['"other"', 200],
    ] as const) {
      const { status, headers, body } = await send('GET', path, undefined, {
        'if-none-match': known,
      });
      assert.deepEqual([status, headers.etag], [expected, tag], known);
      assert.equal(body === '', expected === 304);
    }
});

test('a file is its bytes', async (t) => {
  const bytes = randomBytes(100_000);
  const snapshot = snapshotOf(1, { 'db/ä b': bytes });
  const { send } = await serving(t, [new FakeBundle('model', snapshot)]);
  const { headers, body } = await send('GET', '/v1/bundles/model/files/db/%C3%A4%20b');
  assert.equal(headers['content-type'], 'application/octet-stream');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(body, bytes.toString());
});

test('contents of all lengths are the base64 of their bytes', async (t) => {
  const contents = Object.fromEntries(
    [0, 1, 2, 3, 49_151, 49_152, 49_153, 200_000].map((length) => [
      `"ünïcode"/${length}`,
      randomBytes(length),
    ]),
  );
  const bundle = new FakeBundle('model', snapshotOf(1, contents));
  const { send, subscribe } = await serving(t, [bundle]);
  await (await subscribe(EVENTS)).next();
  const { body } = await send('GET', '/v1/bundles/model');
  const { files } = JSON.parse(body) as { files: { path: string; content: string }[] };
  for (const { path, content } of files)
    assert.equal(content, contents[path]?.toString('base64'), path);
  assert.equal(files.length, 8);
  const candidate = snapshotOf(2, {});
  bundle.last.contents.set(candidate.version, candidate);
  const empty = await send('GET', `/v1/subscribers/model-1/versions/${candidate.version}`);
  assert.deepEqual(JSON.parse(empty.body), {
    bundle: 'model',
    version: candidate.version,
    files: [],
  });
});

test('200 clients that do not read 4 MiB hold them once, and are cut off', async (t) => {
  const { path, send } = await serving(t, [model(randomBytes(4 * MIB))], { patienceMs: 5_000 });
  const { body } = await send('GET', '/v1/bundles/model');
  const before = process.memoryUsage();
  const pipes = openPipes();
  const clients = await Promise.all(
    Array.from({ length: 200 }, () => deafClient(t, path, '/v1/bundles/model')),
  );
  // By now, each has as much of its response as the system keeps for it.
  await send('GET', '/v1/bundles');
  const { external, heapUsed } = process.memoryUsage();
  const grown = external + heapUsed - before.external - before.heapUsed;
  assert.ok(grown < 4 * body.length, `${Math.round(grown / MIB)} MiB`);
  while (openPipes() > pipes + clients.length) await setTimeout(20);
  const received = clients.map(async (socket) => {
    let bytes = 0;
    socket.on('data', (chunk) => (bytes += chunk.length)).resume();
    await once(socket, 'close');
    return bytes;
  });
  for (const bytes of await Promise.all(received)) assert.ok(bytes < body.length);
});

test('a client that takes its time gets all of a large content', async (t) => {
  const { path } = await serving(t, [model(Buffer.alloc(8 * MIB))], { patienceMs: 5_000 });
  const socket = await deafClient(t, path, '/v1/bundles/model');
  let received = 0;
  socket.on('data', (chunk) => {
    received += chunk.length;
    socket.pause();
    setTimeout(50).then(() => socket.resume());
  });
  socket.resume();
  while (received < (8 * MIB * 4) / 3) await once(socket, 'data');
});

test('a subscriber that comes back is the same, and the numbers of its events go on', async (t) => {
  const bundle = model();
  const { subscribe } = await serving(t, [bundle]);
  const first = await subscribe(EVENTS);
  await skip(first, 2);
  const { last } = bundle;
  const second = await subscribe(EVENTS, { 'last-event-id': 'model-1.2' });
  assert.equal((await second.next())?.id, 'model-1.3');
  last.connection.send(state('degraded'));
  assert.deepEqual(await second.next(), { id: 'model-1.4', ...state('degraded') });
  assert.equal(await first.next(), null);
  assert.equal(bundle.sessions.size, 1);
  second.response.destroy();
  assert.equal(await last.end.promise, 'disconnected');
});

test('an id of an event that is not ours makes a new subscriber', async (t) => {
  const bundle = model();
  const { subscribe } = await serving(t, [bundle]);
  for (const id of ['', 'model-9.3', 'x'.repeat(1_000), '__proto__.1', 'model-1.2.3'])
    assert.match(
      (await (await subscribe(EVENTS, { 'last-event-id': id })).next())?.id ?? '',
      /\.1$/,
    );
  assert.equal(bundle.sessions.size, 5);
});

test('the name of a subscriber is short', async (t) => {
  const bundle = model();
  const { subscribe } = await serving(t, [bundle]);
  await (await subscribe(`${EVENTS}?name=${'n'.repeat(500)}`)).next();
  assert.equal(bundle.last.request.name, 'n'.repeat(100));
});

test('heartbeats show that the connection lives', async (t) => {
  const bundle = model();
  const { subscribe } = await serving(t, [bundle], { heartbeatMs: 20, patienceMs: 500 });
  const { response } = await subscribe(EVENTS);
  let received = '';
  response.on('data', (chunk) => (received += chunk));
  // Longer than the patience with a connection on which nothing moves.
  while (received.split('\n:\n').length < 50) await once(response, 'data');
  response.destroy();
  assert.equal(await bundle.last.end.promise, 'disconnected');
});

test('a subscriber that stops reading is cut off, and held little', async (t) => {
  const bundle = model();
  const { path } = await serving(t, [bundle], { patienceMs: 5_000, heartbeatMs: 20 });
  await deafClient(t, path, EVENTS);
  while (bundle.sessions.size === 0) await new Promise(setImmediate);
  const { connection, end } = bundle.last;
  const reasons = ['x'.repeat(100_000)];
  for (let index = 0; index < 1_000; index += 1)
    connection.send({
      event: 'state',
      data: { status: 'degraded', rejected: { version: versionOf(index), reasons } },
    });
  assert.equal(await end.promise, 'disconnected');
  connection.send(start(2));
});

test('a slow subscriber gets the newest state after what it missed', async (t) => {
  const bundle = model();
  const { path } = await serving(t, [bundle]);
  const socket = await deafClient(t, path, EVENTS);
  while (bundle.sessions.size === 0) await new Promise(setImmediate);
  const { connection } = bundle.last;
  const reason = 'x'.repeat(MIB);
  connection.send({ event: 'state', data: { status: 'degraded', reason } });
  for (const event of [prepare(2), state('degraded'), prepare(3), commit(3), state('ok')])
    connection.send(event);
  let received = '';
  socket.setEncoding('utf8').on('data', (chunk) => (received += chunk));
  socket.resume();
  while (!received.includes('"status":"ok"')) await once(socket, 'data');
  const events = [...received.matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
  assert.deepEqual(events, ['hello', 'start', 'state', 'prepare', 'commit', 'state']);
});

test('close ends the streams, also of those who do not read, and removes the socket', async (t) => {
  const bundle = model();
  const { path, subscribe, close } = await serving(t, [bundle]);
  const stream = await subscribe(EVENTS);
  await skip(stream, 2);
  const { connection } = bundle.last;
  const deaf = await deafClient(t, path, EVENTS);
  while (bundle.sessions.size === 1) await new Promise(setImmediate);
  bundle.last.connection.send({ event: 'state', data: { status: 'ok', reason: 'x'.repeat(MIB) } });
  connection.send(rollback(1));
  const ended = close();
  assert.equal((await stream.next())?.event, 'rollback');
  assert.equal(await stream.next(), null);
  await ended;
  assert.ok(!existsSync(path));
  deaf.resume();
  await once(deaf, 'close');
});

test('200 processes subscribe at once, and all get both phases', async (t) => {
  const bundle = model();
  const { subscribe, send } = await serving(t, [bundle]);
  const streams = await Promise.all(Array.from({ length: 200 }, () => subscribe(EVENTS)));
  await Promise.all(streams.map((stream) => skip(stream, 2)));
  const sessions = [...bundle.sessions.values()];
  assert.equal(sessions.length, 200);
  for (const event of [prepare(2), commit(2)]) {
    for (const { connection } of sessions) connection.send(event);
    await Promise.all(
      streams.map(async (stream, index) => {
        const received = await stream.next();
        assert.equal(received?.event, event.event);
        const ack = { event: event.event, rollout: 'r', version: versionOf(2), verdict: 'accept' };
        const path = `/v1/subscribers/model-${index + 1}/acks`;
        assert.equal((await send('POST', path, JSON.stringify(ack))).status, 200);
      }),
    );
  }
  assert.ok(sessions.every(({ acks }) => acks.length === 2));
});

test('connections over the limit are closed, and there is room again when others end', async (t) => {
  const { path, send } = await serving(t, [model()]);
  const sockets = await Promise.all(
    Array.from({ length: 1_100 }, () => deafClient(t, path, EVENTS)),
  );
  await assert.rejects(send('GET', '/v1/bundles'));
  const [first] = sockets;
  first?.destroy();
  let status = 0;
  while (status !== 200)
    ({ status } = await send('GET', '/v1/bundles').catch(() => ({ status: 0 })));
});

test('connections to a socket that comes back count beside those before', async (t) => {
  const { path, send } = await serving(t, [model()], { heartbeatMs: 1_000 });
  await Promise.all(Array.from({ length: 1_100 }, () => deafClient(t, path, EVENTS)));
  // The server has seen all of them before this one.
  await assert.rejects(send('GET', '/v1/bundles'));
  rmSync(path);
  while (!existsSync(path)) await setTimeout(5);
  await assert.rejects(send('GET', '/v1/bundles'));
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { ACCEPT, textsOf } from '../app.testing.ts';
import type { Answer } from '../provider.ts';
import { connect, connected } from './connected.testing.ts';
import { fail, StandIn } from './stand-in.testing.ts';

test('start waits for the socket', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  await sidecar.close();
  const { app, start } = connect(t, sidecar);
  const started = start();
  await app.untilReported('disconnected');
  await sidecar.open();
  assert.deepEqual(textsOf(await started), { a: '1' });
  await app.untilReported('ok');
});

test('a connection that ends comes back as the same subscriber, with what it prepared', async (t) => {
  const { sidecar, app } = await connected(t);
  const version = sidecar.prepare('r1', { a: '2' });
  await sidecar.untilAck('prepare', 'accept', 'r1');
  sidecar.cut();
  await app.untilReported('disconnected');
  await sidecar.untilStreams(2);
  assert.deepEqual(
    sidecar.streams.map((stream) => [stream.subscriber, stream.version, stream.lastEventId]),
    [
      ['s1', null, undefined],
      ['s1', sidecar.keep({ a: '1' }), 's1.4'],
    ],
  );
  await app.untilReported('ok');
  sidecar.send('commit', { rollout: 'r1', version });
  await sidecar.untilAck('commit', 'accept', 'r1');
  assert.deepEqual([app.prepared, app.committed, app.aborted], [[{ a: '2' }], [{ a: '2' }], []]);
});

test('a sidecar that starts again: what is prepared is let go, the same version fires nothing', async (t) => {
  const { sidecar, app } = await connected(t);
  sidecar.prepare('r1', { a: '2' });
  await sidecar.untilAck('prepare', 'accept', 'r1');
  sidecar.acks.length = 0;
  await sidecar.restart();
  await sidecar.untilAck('start', 'accept');
  await app.untilReported('ok');
  assert.deepEqual(app.aborted, [['r1', 'the sidecar has started again']]);
  assert.deepEqual([app.prepared.length, app.committed], [1, []]);
  assert.deepEqual(
    sidecar.streams.map(({ version }) => version),
    [sidecar.keep({ a: '1' })],
  );
});

test('an app that comes back to another version takes it', async (t) => {
  const { sidecar, app } = await connected(t);
  sidecar.acks.length = 0;
  sidecar.activate({ a: '2' });
  await sidecar.restart();
  await sidecar.untilAck('start', 'accept');
  await app.untilReported('ok');
  assert.deepEqual(app.committed, [{ a: '2' }]);
});

test('P4 an app that comes back to a version that it refuses keeps its own, and says why', async (t) => {
  const { sidecar, app } = await connected(t);
  app.answer = () => ({ verdict: 'reject', reasons: ['too big'] });
  sidecar.activate({ a: '2' });
  await sidecar.restart();
  const { reasons } = await sidecar.untilAck('start', 'reject');
  assert.deepEqual([reasons, app.committed], [['too big'], []]);
});

test('a commit of a rollout that the app missed is prepared and taken, or refused', async (t) => {
  const { sidecar, app } = await connected(t);
  sidecar.send('commit', { rollout: 'r1', version: sidecar.keep({ a: '2' }) });
  await sidecar.untilAck('commit', 'accept', 'r1');
  assert.deepEqual(app.committed, [{ a: '2' }]);
  app.answer = () => ({ verdict: 'reject', reasons: ['too big'] });
  sidecar.send('commit', { rollout: 'r2', version: sidecar.keep({ a: '3' }) });
  const { reasons } = await sidecar.untilAck('commit', 'reject', 'r2');
  assert.deepEqual([reasons, app.committed.length], [['too big'], 1]);
});

test('an answer that a disconnect loses is sent on the next connection', async (t) => {
  const { sidecar } = await connected(t);
  sidecar.instead.set('/acks', () => {
    sidecar.instead.clear();
    sidecar.cut();
  });
  sidecar.prepare('r1', { a: '2' });
  await sidecar.untilAck('prepare', 'accept', 'r1');
  assert.equal(sidecar.streams.length, 2);
});

test('an event that comes again after a reconnect does not start the work again', async (t) => {
  const { sidecar, app } = await connected(t);
  const answer = Promise.withResolvers<Answer>();
  app.answer = () => answer.promise;
  const events = [
    { event: 'start', data: { version: sidecar.keep({ a: '2' }) } },
    { event: 'rollback', data: { rollout: 'r1', version: sidecar.keep({ a: '3' }), reason: 'no' } },
    { event: 'commit', data: { rollout: 'r2', version: sidecar.keep({ a: '4' }) } },
  ] as const;
  for (const [index, { event, data }] of events.entries()) {
    sidecar.send(event, data);
    await app.until(() => app.prepared.length === index + 1, 'prepared');
    sidecar.cut();
    await sidecar.untilStreams(index + 2);
    sidecar.send(event, data);
  }
  answer.resolve(ACCEPT);
  await sidecar.untilAck('commit', 'accept', 'r2');
  assert.deepEqual([app.prepared.length, app.committed], [3, [{ a: '4' }]]);
});

test('a kept connection that the sidecar closes under a request is no fault', async (t) => {
  const { sidecar, app } = await connected(t);
  const { length } = app.reports;
  sidecar.instead.set('/versions/', (request) => {
    sidecar.instead.clear();
    request.socket.destroy();
  });
  sidecar.prepare('r1', { a: '2' });
  await sidecar.untilAck('prepare', 'accept', 'r1');
  assert.equal(app.reports.length, length);
});

test('a subscriber that the sidecar forgot connects as a new one', async (t) => {
  const { sidecar } = await connected(t);
  sidecar.instead.set('/acks', (_, response) => {
    sidecar.instead.clear();
    fail(response, 404, 'the subscriber is not connected');
  });
  sidecar.prepare('r1', { a: '2' });
  await sidecar.untilStreams(2);
  assert.deepEqual(
    sidecar.streams.map(({ subscriber, lastEventId }) => [subscriber, lastEventId]),
    [
      ['s1', undefined],
      ['s2', undefined],
    ],
  );
});

test('a sidecar that is silent for longer than its heartbeat is away', async (t) => {
  const { sidecar, app } = await connected(t, 40);
  await app.untilReported('disconnected');
  assert.deepEqual(app.reports.at(-1), {
    status: 'disconnected',
    reason: 'the sidecar has been silent for 0.1 s',
  });
  await sidecar.untilStreams(2);
});

const PROGRAM = `
  import { createSocketProvider } from ${JSON.stringify(join(import.meta.dirname, 'socket-provider.ts'))};
  const app = { prepare: async () => ({ verdict: 'accept' }), commit() {}, abort() {}, report() {} };
  const [socket] = process.argv.slice(1);
  const provider = createSocketProvider({ socket });
  await provider.start(app, new AbortController().signal);
  process.stdin.once('data', async () => {
    process.stdin.destroy();
    await provider.close();
    const abort = new AbortController();
    const waiting = createSocketProvider({ socket: '/missing' }).start(app, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await waiting.catch(({ message }) => console.log(message));
  });
  process.stdin.unref();
  console.log('connected');`;

/**
 * Longer than 2.5 heartbeats. They come two hundred times as often, as the machine may be busy; and one that
 * stands still for 2.5 of them is a sidecar that is away.
 */
const BLOCKED_MS = 6_000;
const HEARTBEAT_MS = 2_000;

const BUSY_PROGRAM = `
  import { createSocketProvider } from ${JSON.stringify(join(import.meta.dirname, 'socket-provider.ts'))};
  const provider = createSocketProvider({ socket: process.argv[1] });
  const prepare = async () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${BLOCKED_MS});
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { verdict: 'accept' };
  };
  const commit = () => process.argv[2] ?? provider.close();
  await provider.start({ prepare, commit, abort() {}, report() {} }, new AbortController().signal);
  provider.started({ verdict: 'accept' });`;

/** An app that blocks its event loop for one version, with a sidecar that is alive meanwhile. */
async function blocked(t: TestContext, ...more: readonly string[]) {
  const sidecar = await StandIn.listen(t, { a: '1' });
  sidecar.heartbeatMs = HEARTBEAT_MS;
  const args = ['--input-type=module', '-e', BUSY_PROGRAM, sidecar.socket, ...more];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  await sidecar.untilAck('start', 'accept');
  const beat = () => sidecar.streams.at(-1)?.response.write(':\n\n');
  const beats = setInterval(beat, HEARTBEAT_MS / 200);
  t.after(() => clearInterval(beats));
  await sidecar.roll('r1', { a: '2' });
  return { sidecar, child, beats };
}

test('an app that blocks its event loop does not take the sidecar for away', async (t) => {
  const { sidecar, child } = await blocked(t);
  if (child.exitCode === null)
    await once(child, 'exit', { signal: AbortSignal.timeout(DEADLINE_MS) });
  assert.deepEqual([child.exitCode, sidecar.streams.length], [0, 1]);
});

test('an app that has blocked its event loop sees that the sidecar is silent later', async (t) => {
  const { sidecar, beats } = await blocked(t, 'stay');
  assert.equal(sidecar.streams.length, 1);
  clearInterval(beats);
  await sidecar.untilStreams(2);
});

test('a process lives as long as it is connected, and ends by itself after close', async (t) => {
  const sidecar = await StandIn.listen(t, { a: '1' });
  const args = ['--input-type=module', '-e', PROGRAM, sidecar.socket];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const signal = AbortSignal.timeout(DEADLINE_MS);
  await once(child.stdout, 'data', { signal });
  // It is still there after a reconnect.
  sidecar.cut();
  await sidecar.untilStreams(2);
  child.stdin.end('close');
  const [code] = await once(child, 'close', { signal });
  assert.deepEqual([code, output], [0, 'connected\nenough\n']);
});

test('a sidecar that comes back without a good version leaves the app its value, and says why', async (t) => {
  const { sidecar, app } = await connected(t);
  sidecar.deactivate();
  await sidecar.restart();
  const isTold = () => JSON.stringify(app.reports.at(-1)).includes('no good version yet');
  await app.until(isTold, 'told the reason');
  assert.equal(app.reports.at(-1)?.status, 'disconnected');
  sidecar.send('start', { version: sidecar.activate({ a: '2' }) });
  sidecar.send('state', { status: 'ok' });
  await app.untilCommitted({ a: '2' });
  assert.equal(app.reports.at(-1)?.status, 'ok');
});

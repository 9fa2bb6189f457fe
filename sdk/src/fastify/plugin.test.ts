import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fastify } from 'fastify';
import { z } from 'zod';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { AtomicWriter } from '../../../test/kubelet/atomic-writer.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { connect } from '../connect.ts';
import { createTestBundle } from '../testing/index.ts';
import { type LastgoodPluginOptions, lastgoodPlugin } from './index.ts';
import { isSigned } from './signature.ts';

const KEY = 'an-example-key';
const schema = z.object({ batch_size: z.number().max(64) });

function sized(size: number) {
  return { 'config.yaml': `batch_size: ${size}` };
}

async function start(t: TestContext, options: LastgoodPluginOptions) {
  const app = fastify();
  t.after(() => app.close());
  await app.register(lastgoodPlugin, options);
  return app;
}

/** An app on a volume that changes as the kubelet's do. */
async function startOnVolume(t: TestContext, reload: { readonly keyFile?: string } = {}) {
  const directory = temporaryDirectory(t);
  const writer = new AtomicWriter(directory);
  const write = (size: number) => writer.write({ 'config.yaml': { bytes: `batch_size: ${size}` } });
  await write(8);
  const config = await connect({ directory, file: 'config.yaml', schema, timeoutMs: DEADLINE_MS });
  const app = await start(t, { config, reload: { path: '/admin/reload', ...reload } });
  const post = (headers: Record<string, string> = {}, payload = '{"event":"reload"}') =>
    app.inject({
      ...{ method: 'POST', url: '/admin/reload', payload },
      headers: { 'content-type': 'application/json', ...headers },
    });
  return { app, config, directory, write, post };
}

function signed(body: string, seconds = Math.floor(Date.now() / 1000), key = KEY) {
  const v1 = createHmac('sha256', key).update(`${seconds}.${body}`).digest('hex');
  return { 'lastgood-signature': `t=${seconds},v1=${v1}` };
}

test('all plugins of the app have its configuration, and closing the app closes it', async (t) => {
  const bundle = createTestBundle(sized(8));
  const config = await bundle.connect({ file: 'config.yaml', schema });
  const app = await start(t, { config });
  await app.register(async (inner) => {
    inner.get('/', () => (inner as unknown as { config: typeof config }).config.current);
  });
  assert.deepEqual((await app.inject('/')).json(), { batch_size: 8 });
  await bundle.push(sized(16));
  assert.deepEqual((await app.inject('/')).json(), { batch_size: 16 });
  await app.close();
  await assert.rejects(config.view({}), { code: 'LG_SDK_CLOSED' });
});

test('the health route has the version, and why a newer one is not active', async (t) => {
  const bundle = createTestBundle(sized(8));
  const config = await bundle.connect({ file: 'config.yaml', schema });
  const app = await start(t, { config, health: '/health/config' });
  const { status, since, version } = (await app.inject('/health/config')).json();
  assert.deepEqual([status, version], ['ok', config.version]);
  assert.equal(since, config.state.since.toISOString());

  const bad = await bundle.push(sized(128));
  const degraded = await app.inject('/health/config');
  assert.equal(degraded.statusCode, 200);
  assert.equal(degraded.json().version, version);
  assert.deepEqual(degraded.json().rejected, { version: bad.version, reasons: bad.reasons });
  bundle.disconnect('the sidecar is away');
  assert.equal((await app.inject('/health/config')).json().status, 'disconnected');
});

test('a reload is answered when the app runs on what is in the directory', async (t) => {
  const { config, write, post } = await startOnVolume(t);
  await write(16);
  const answer = await post();
  assert.deepEqual([answer.statusCode, answer.json()], [200, { version: config.version }]);
  assert.equal(config.current.batch_size, 16);
});

test('a reload without a body, or with another one, is a reload', async (t) => {
  const { app, config, write } = await startOnVolume(t);
  const bodies = [undefined, 'reload!', 'null', '{"event":'];
  for (const [index, payload] of bodies.entries()) {
    await write(index + 1);
    const body =
      payload === undefined ? {} : { payload, headers: { 'content-type': 'text/plain' } };
    const answer = await app.inject({ method: 'POST', url: '/admin/reload', ...body });
    assert.deepEqual([answer.statusCode, config.current.batch_size], [200, index + 1]);
  }
});

test('a version that the app refuses is answered by 422 and the reason', async (t) => {
  const { config, write, post } = await startOnVolume(t);
  await write(128);
  const answer = await post();
  assert.equal(answer.statusCode, 422);
  assert.match(answer.json().reason, /^config\.yaml:1:13: \/batch_size .*64.* \(is 128\)/);
  assert.equal(config.current.batch_size, 8);
  // As lastgood does after a refusal.
  await write(8);
  assert.equal((await post()).statusCode, 200);

  config.needsRestart(({ batch_size }) => [batch_size]);
  await write(9);
  const restart = await post();
  assert.equal(restart.statusCode, 422);
  assert.match(restart.json().reason, /cannot change in a running process/);
});

test('a directory that cannot be read is a fault, which lastgood tries again', async (t) => {
  const { directory, post } = await startOnVolume(t);
  renameSync(directory, `${directory}-away`);
  const answer = await post();
  renameSync(`${directory}-away`, directory);
  assert.equal(answer.statusCode, 503);
  assert.match(answer.json().reason, /does not exist/);
});

test('a dry run is refused, as nothing was checked', async (t) => {
  const { post } = await startOnVolume(t);
  const answer = await post({}, '{"event":"prepare"}');
  assert.equal(answer.statusCode, 400);
  assert.match(answer.json().reason, /takes no dry runs/);
});

test('with a key, only what lastgood has signed lately is a reload', async (t) => {
  const keyFile = join(temporaryDirectory(t), 'key');
  writeFileSync(keyFile, `${KEY}\n`);
  const { config, write, post } = await startOnVolume(t, { keyFile });
  const body = '{"event":"reload"}';
  await write(16);
  const now = Math.floor(Date.now() / 1000);
  const bad: readonly Record<string, string>[] = [
    {},
    { 'lastgood-signature': 't=,v1=' },
    { 'lastgood-signature': `t=${now}` },
    { 'lastgood-signature': `t=${now},v1=00` },
    signed(`${body} `),
    signed(body, now - 310),
    // By a minute: the test may take some seconds of the five minutes.
    signed(body, now + 360),
    signed(body, now, 'another'),
  ];
  for (const headers of bad) assert.equal((await post(headers, body)).statusCode, 401);
  assert.equal((await post(signed(body), body)).statusCode, 200);
  assert.equal(config.current.batch_size, 16);

  writeFileSync(keyFile, 'rotated');
  assert.equal((await post(signed(body), body)).statusCode, 401);
  assert.equal((await post(signed(body, now, 'rotated'), body)).statusCode, 200);
  writeFileSync(keyFile, '\n');
  assert.equal((await post(signed(body, now, ''), body)).statusCode, 503);
});

test('the signatures of docs/webhook-protocol.md are right', () => {
  const isRight = (body: string, v1: string) =>
    isSigned(`t=1790000000,v1=${v1},v2=x`, Buffer.from(body), Buffer.from(KEY), 1_790_000_299_000);
  const first = 'bd831e59cbce548bfc907ba3bafb7e57296a7aa89b77986eb85257bf64619aed';
  const empty = 'a40f180648774070f26fde434ea3ef636a4f2bff8ec56b75a13322064581a324';
  assert.ok(isRight('{"event":"reload","bundle":"model"}', first));
  assert.ok(isRight('', empty));
  assert.ok(!isRight('', first));
});

test('the routes of the app keep their own parsers', async (t) => {
  const { app } = await startOnVolume(t);
  app.post('/echo', (request) => request.body);
  const answer = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } });
  assert.deepEqual(answer.json(), { a: 1 });
});

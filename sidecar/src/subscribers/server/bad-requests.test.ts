import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { versionOf } from './events.testing.ts';
import { type Client, FakeBundle, serving, snapshotOf } from './server.testing.ts';

const ACKS = '/v1/subscribers/model-1/acks';
const SCHEMAS = '/v1/subscribers/model-1/schemas';
const ACK = { event: 'prepare', rollout: 'r', version: versionOf(2), verdict: 'accept' };

/** A server with one subscriber. */
async function subscribed(t: TestContext): Promise<Client & { readonly bundle: FakeBundle }> {
  const bundle = new FakeBundle('model', snapshotOf(1, { 'a.yaml': 'a: 1\n' }));
  const client = await serving(t, [bundle, new FakeBundle('empty')], { others: ['plain'] });
  await (await client.subscribe('/v1/bundles/model/events')).next();
  return { ...client, bundle };
}

function assertProblem(body: string, code: string, message: RegExp): void {
  const problem = JSON.parse(body);
  assert.equal(problem.code, code);
  assert.match(problem.message, message);
  assert.equal(typeof problem.hint, 'string');
}

function bodyFor(method: string): string | undefined {
  return method === 'POST' || method === 'PUT' ? JSON.stringify(ACK) : undefined;
}

const BAD_ACKS: readonly (readonly [body: string, message: RegExp])[] = [
  ['', /its body is not JSON/],
  ['{"event":', /its body is not JSON/],
  ['event=prepare', /its body is not JSON/],
  ['[]', /its body must be a JSON object/],
  ['null', /its body must be a JSON object/],
  ['{}', /event must be one of start, prepare, commit, rollback/],
  [JSON.stringify({ ...ACK, event: 'hello' }), /event must be one of/],
  [JSON.stringify({ ...ACK, event: 'toString' }), /event must be one of/],
  [JSON.stringify({ ...ACK, verdict: true }), /verdict must be one of accept, reject, restart/],
  [JSON.stringify({ ...ACK, version: 'sha256:12' }), /version must be sha256: and 64 hex digits/],
  [JSON.stringify({ ...ACK, rollout: undefined }), /rollout is missing/],
  [JSON.stringify({ ...ACK, rollout: 7 }), /rollout must be a text/],
  [JSON.stringify({ ...ACK, reasons: 'no' }), /reasons must be a list of texts/],
  [JSON.stringify({ ...ACK, reasons: [null] }), /reasons must be a list of texts/],
];

test('an answer that cannot be used is refused with what is wrong', async (t) => {
  const { send, bundle } = await subscribed(t);
  for (const [body, message] of BAD_ACKS) {
    const response = await send('POST', ACKS, body);
    assert.equal(response.status, 400, body);
    assertProblem(response.body, 'LG_SDK_REQUEST', message);
  }
  assert.deepEqual(bundle.last.acks, []);
});

test('fields that the server does not know are ignored', async (t) => {
  const { send, bundle } = await subscribed(t);
  const body = `{"later":[1],"__proto__":{"verdict":"reject"},${JSON.stringify(ACK).slice(1)}`;
  assert.equal((await send('POST', ACKS, body)).status, 200);
  assert.deepEqual(bundle.last.acks, [ACK]);
});

test('schemas that cannot be used are refused, and others reach the subscriber', async (t) => {
  const { send, bundle } = await subscribed(t);
  for (const body of ['{}', '{"schemas":{}}', '{"schemas":[1]}', '{"schemas":[[]]}']) {
    const response = await send('PUT', SCHEMAS, body);
    assert.equal(response.status, 400, body);
    assertProblem(response.body, 'LG_SDK_REQUEST', /schemas must be a list of objects/);
  }
  const schemas = [{ file: 'a.yaml', schema: true, later: 1 }];
  const { status, body } = await send('PUT', SCHEMAS, JSON.stringify({ schemas }));
  assert.deepEqual([status, JSON.parse(body)], [200, { problems: ['problem 0'] }]);
  assert.deepEqual(bundle.last.schemas, schemas);
});

test('a body over its limit is refused', async (t) => {
  const { send } = await subscribed(t);
  for (const [method, path, limit] of [
    ['POST', ACKS, 64 * 1_024],
    ['PUT', SCHEMAS, 256 * 1_024],
  ] as const) {
    const { status, body } = await send(method, path, ' '.repeat(limit + 1));
    assert.equal(status, 413);
    assertProblem(body, 'LG_SDK_REQUEST', /its body has more than \d+ bytes$/);
    assert.equal((await send(method, path, ' '.repeat(limit))).status, 400);
  }
});

const NOT_THERE: readonly (readonly [method: string, path: string, message: RegExp])[] = [
  ['GET', '/', /there is no GET \/$/],
  ['GET', '/v2/bundles', /there is no GET \/v2\/bundles$/],
  ['POST', '/v1/bundles', /there is no POST \/v1\/bundles$/],
  ['GET', '/v1/bundles/other', /there is no bundle other$/],
  ['GET', '/v1/bundles/other/events', /there is no bundle other$/],
  ['GET', '/v1/bundles/plain/events', /there is no subscribers target in the bundle plain$/],
  ['GET', '/v1/bundles/model/files/b.yaml', /there is no file b.yaml in the bundle model$/],
  ['GET', '/v1/bundles/model/files/../../../etc/passwd', /there is no file/],
  ['GET', `/v1/subscribers/model-1/versions/${versionOf(2)}`, /there is no version sha256:0+2 for/],
];

test('what is not there is 404, with a hint', async (t) => {
  const { send } = await subscribed(t);
  for (const [method, path, message] of NOT_THERE) {
    const response = await send(method, path);
    assert.equal(response.status, 404, path);
    assertProblem(response.body, 'LG_SDK_NOT_FOUND', message);
    assert.match(response.body, /docs\/protocol\.md/);
  }
  for (const [method, path] of [
    ['DELETE', '/v1/subscribers/model-2'],
    ['POST', '/v1/subscribers/model-2/acks'],
    ['PUT', '/v1/subscribers/constructor/schemas'],
    ['GET', `/v1/subscribers/model-2/versions/${versionOf(1)}`],
  ] as const) {
    const { status, body } = await send(method, path, bodyFor(method));
    assert.equal(status, 404, path);
    assertProblem(body, 'LG_SDK_UNKNOWN_SUBSCRIBER', /is not connected$/);
  }
});

test('HEAD makes no subscriber', async (t) => {
  const { send, bundle } = await subscribed(t);
  assert.equal((await send('HEAD', '/v1/bundles/model/events')).status, 404);
  assert.equal(bundle.sessions.size, 1);
});

test('a bundle without a good version is 503, and says when to ask again', async (t) => {
  const { send } = await subscribed(t);
  for (const path of ['/v1/bundles/empty', '/v1/bundles/empty/files/a.yaml']) {
    const { status, headers, body } = await send('GET', path);
    assert.deepEqual([status, headers['retry-after']], [503, '1']);
    assertProblem(body, 'LG_SDK_NOT_READY', /^the bundle empty has no good version yet$/);
  }
});

test('too many subscribers are 503', async (t) => {
  const { send, bundle } = await subscribed(t);
  bundle.max = 1;
  const { status, headers, body } = await send('GET', '/v1/bundles/model/events');
  assert.deepEqual([status, headers['retry-after']], [503, '1']);
  assertProblem(body, 'LG_SDK_TOO_MANY', /^the bundle model has no room/);
});

test('a client of another protocol learns both versions, whatever it asks', async (t) => {
  const { send, bundle } = await subscribed(t);
  for (const [method, path] of [
    ['GET', '/v1/bundles'],
    ['GET', '/v1/bundles/model/events'],
    ['GET', '/v2/bundles'],
    ['POST', ACKS],
  ] as const) {
    const response = await send(method, path, bodyFor(method), { 'lastgood-protocol': '2' });
    assert.deepEqual([response.status, response.headers['lastgood-protocol']], [400, '1']);
    assertProblem(response.body, 'LG_SDK_PROTOCOL', /speaks version 2 .* this sidecar version 1$/);
  }
  assert.equal(bundle.sessions.size, 1);
  assert.deepEqual(bundle.last.acks, []);
  assert.equal(
    (await send('GET', '/v1/bundles', undefined, { 'lastgood-protocol': '1' })).status,
    200,
  );
});

test('a subscription that cannot be used is refused with what is wrong', async (t) => {
  const { send } = await subscribed(t);
  for (const [query, message] of [
    ['version=1', /version must be/],
    [`version=${versionOf(1)}&version=${versionOf(1)}`, /version must be/],
    ['name=a&name=b', /name must be one text/],
  ] as const) {
    const { status, body } = await send('GET', `/v1/bundles/model/events?${query}`);
    assert.equal(status, 400);
    assertProblem(body, 'LG_SDK_REQUEST', message);
  }
});

test('an unexpected error is 500 without its message, which the log gets (P8)', async (t) => {
  const errors: unknown[] = [];
  const bundle = new FakeBundle('model');
  const failure = new Error('a secret');
  Object.assign(bundle, { subscribe: () => assert.fail(failure) });
  const { send } = await serving(t, [bundle], { onError: (error) => errors.push(error) });
  const { status, body } = await send('GET', '/v1/bundles/model/events');
  assert.equal(status, 500);
  assertProblem(body, 'LG_INTERNAL', /^unexpected: /);
  assert.ok(!body.includes('secret'));
  assert.deepEqual(errors, [failure]);
});

/** All that comes back for these bytes until the server closes the connection. */
async function answerTo(path: string, bytes: string | Buffer): Promise<string> {
  const socket = connect(path);
  let received = '';
  socket.on('data', (chunk) => (received += chunk));
  socket.on('error', () => {});
  socket.write(bytes);
  await closed(socket);
  return received;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

test('what is not HTTP gets a problem, and the server goes on', async (t) => {
  const { path, send } = await subscribed(t);
  const large = `GET /v1/bundles HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(9_000)}\r\n\r\n`;
  for (const [bytes, status, reason] of [
    ['nonsense\r\n\r\n', 400, 'it is not HTTP/1.1'],
    [Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), 400, 'it is not HTTP/1.1'],
    [Buffer.alloc(100), 400, 'it is not HTTP/1.1'],
    [large, 431, 'its headers are too large'],
  ] as const) {
    const answer = await answerTo(path, bytes);
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), String(bytes));
    assert.match(answer, /\r\nLastgood-Protocol: 1\r\n/);
    const [, body = ''] = answer.split('\r\n\r\n');
    assertProblem(body, 'LG_SDK_REQUEST', new RegExp(`: ${reason}$`));
  }
  assert.equal((await send('GET', '/v1/bundles')).status, 200);
});

test('a request needs no host', async (t) => {
  const { path } = await subscribed(t);
  const answer = await answerTo(path, 'GET /v1/bundles HTTP/1.1\r\nConnection: close\r\n\r\n');
  assert.match(answer, /^HTTP\/1.1 200 OK\r\n/);
});

test('half a request ends when nothing more of it comes', async (t) => {
  const { path, send } = await serving(t, [new FakeBundle('model')], { patienceMs: 300 });
  for (const half of [
    '',
    'GET /v1/bun',
    'GET /v1/bundles HTTP/1.1\r\nHost: x\r\n',
    `POST ${ACKS} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"event":`,
  ])
    await answerTo(path, half);
  // On a busy machine a whole request may also take longer than that.
  let status = 0;
  while (status !== 200)
    ({ status } = await send('GET', '/v1/bundles').catch(() => ({ status: 0 })));
});

test('large bodies that stall hold up other large ones, but no answer', async (t) => {
  const bundle = new FakeBundle('model');
  const onError = (error: unknown) => assert.fail(String(error));
  const { path, send, subscribe } = await serving(t, [bundle], { onError });
  await (await subscribe('/v1/bundles/model/events')).next();
  const stalled = Array.from({ length: 100 }, () => connect(path));
  for (const socket of stalled)
    socket.write(`PUT ${SCHEMAS} HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n{`);
  assert.equal((await send('POST', ACKS, JSON.stringify(ACK))).status, 200);
  for (const socket of stalled) socket.destroy();
  const schemas = JSON.stringify({ schemas: [{ schema: 'x'.repeat(200_000) }] });
  assert.equal((await send('PUT', SCHEMAS, schemas)).status, 200);
});

test('few large schemas are in memory at a time, and no answer waits for them', async (t) => {
  const { bundle, send } = await subscribed(t);
  const ready = Promise.withResolvers<readonly string[]>();
  let taken = 0;
  bundle.last.setSchemas = () => {
    taken += 1;
    return ready.promise;
  };
  const body = JSON.stringify({ schemas: [{ schema: { title: 'x'.repeat(100_000) } }] });
  const replies = Array.from({ length: 20 }, () => send('PUT', SCHEMAS, body));
  while (taken < 8) await setTimeout(5);
  await setTimeout(300);
  assert.equal(taken, 8);
  const chunked = { 'transfer-encoding': 'chunked' };
  assert.equal((await send('POST', ACKS, JSON.stringify(ACK), chunked)).status, 200);
  ready.resolve([]);
  for (const { status } of await Promise.all(replies)) assert.equal(status, 200);
  assert.equal(taken, 20);
});

test('a path that is not valid gets a problem', async (t) => {
  const { send } = await subscribed(t);
  const { status, headers, body } = await send('GET', '/v1/bundles/%ff');
  assert.deepEqual([status, headers['lastgood-protocol']], [400, '1']);
  assertProblem(body, 'LG_SDK_REQUEST', /its path is not percent-encoded UTF-8$/);
});

test('a request behind a stream of events on its connection ends it', async (t) => {
  const { path, bundle } = await subscribed(t);
  const events = 'GET /v1/bundles/model/events HTTP/1.1\r\nHost: x\r\n\r\n';
  const received = await answerTo(path, events.repeat(2));
  assert.equal(bundle.sessions.size, 2);
  assert.ok(!received.includes('model-3'));
  assert.equal(await bundle.last.end.promise, 'disconnected');
});

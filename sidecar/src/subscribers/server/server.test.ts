import assert from 'node:assert/strict';
import { test } from 'node:test';
import { start, versionOf } from './events.testing.ts';
import { FakeBundle, serving, snapshotOf } from './server.testing.ts';

const CONTENT = { 'config.yaml': 'a: 1\n', 'db/password': Buffer.from([0, 255, 10]) };

function model(): FakeBundle {
  return new FakeBundle('model', snapshotOf(1, CONTENT));
}

test('the list has each bundle with its version, and null without a good one', async (t) => {
  const { send } = await serving(t, [model(), new FakeBundle('empty')]);
  const { status, headers, body } = await send('GET', '/v1/bundles');
  assert.equal(status, 200);
  assert.equal(headers['lastgood-protocol'], '1');
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  assert.deepEqual(JSON.parse(body), {
    protocol: 1,
    lastgood: '0.1.0',
    bundles: [
      { bundle: 'model', version: versionOf(1) },
      { bundle: 'empty', version: null },
    ],
  });
});

test('a bundle is all of its files, each in base64', async (t) => {
  const { send } = await serving(t, [model()]);
  const { status, headers, body } = await send('GET', '/v1/bundles/model');
  assert.equal(status, 200);
  assert.equal(headers.etag, `"${versionOf(1)}"`);
  assert.deepEqual(JSON.parse(body), {
    bundle: 'model',
    version: versionOf(1),
    files: [
      { path: 'config.yaml', mode: 0o644, secret: false, content: 'YTogMQo=' },
      { path: 'db/password', mode: 0o644, secret: true, content: 'AP8K' },
    ],
  });
});

test('a process gets hello, then the version to start on', async (t) => {
  const bundle = model();
  const { subscribe, send } = await serving(t, [bundle]);
  const stream = await subscribe(`/v1/bundles/model/events?name=web&version=${versionOf(3)}`);
  assert.equal(stream.response.headers['content-type'], 'text/event-stream');
  assert.deepEqual(await stream.next(), {
    id: 'model-1.1',
    event: 'hello',
    data: {
      subscriber: 'model-1',
      protocol: 1,
      lastgood: '0.1.0',
      bundle: 'model',
      heartbeatMs: 15000,
    },
  });
  assert.deepEqual(await stream.next(), { id: 'model-1.2', ...start(1) });
  assert.deepEqual(bundle.last.request, { name: 'web', version: versionOf(3) });
  const ack = { event: 'start', version: versionOf(1), verdict: 'accept' };
  for (const counted of [true, false]) {
    const { status, body } = await send(
      'POST',
      '/v1/subscribers/model-1/acks',
      JSON.stringify(ack),
    );
    assert.deepEqual([status, JSON.parse(body)], [200, { counted }]);
  }
  assert.deepEqual(bundle.last.acks, [ack, ack]);
  assert.equal((await send('DELETE', '/v1/subscribers/model-1')).status, 204);
  assert.equal(await stream.next(), null);
  assert.equal(await bundle.last.end.promise, 'left');
});

test('the words of an app are kept short, and on one line', async (t) => {
  const bundle = model();
  const { subscribe, send } = await serving(t, [bundle]);
  await subscribe('/v1/bundles/model/events?name=web%0A1%1b[2J');
  assert.equal(bundle.last.request.name, 'web 1 [2J');
  const reasons = ['a\nb\u001b[2J\t', 'x'.repeat(40_000), ...Array<string>(7_000).fill('')];
  const ack = { event: 'start', version: versionOf(1), verdict: 'reject', reasons };
  await send('POST', '/v1/subscribers/model-1/acks', JSON.stringify(ack));
  const kept = bundle.last.acks[0]?.reasons;
  assert.deepEqual(kept, ['a b [2J', `${'x'.repeat(300)}…`, ...Array<string>(8).fill('')]);
});

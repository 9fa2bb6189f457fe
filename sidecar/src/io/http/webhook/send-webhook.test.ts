import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import { createHttpClient } from '../request.ts';
import { type Respond, serve } from '../server.testing.ts';
import { webhookSettings } from './send-webhook.testing.ts';
import type { WebhookRequest } from './send-webhook.ts';
import { sendWebhook } from './send-webhook.ts';

/** Calls a hook, and tells what arrived there and what came back. */
async function call(
  t: TestContext,
  more: Partial<WebhookRequest>,
  { respond, sealed = false }: { respond?: Respond; sealed?: boolean } = {},
) {
  const { url, seen } = await serve(t, respond);
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const answer = await sendWebhook(webhookSettings({ url, ...more }), EVENT, {
    client,
    clock: systemClock,
    sealed,
  });
  const [arrived] = seen;
  assert.ok(arrived);
  const { method, headers, body } = arrived;
  return { answer, method, body, headers };
}

test('the body is the event, nothing, or a text, whatever the method', async (t) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    const event = await call(t, { method });
    assert.deepEqual([event.method, JSON.parse(event.body)], [method, EVENT]);
    assert.equal(event.headers['content-type'], 'application/json');
    const none = await call(t, { method, body: 'none' });
    assert.deepEqual([none.method, none.body], [method, '']);
    assert.equal(none.headers['content-type'], undefined);
    assert.equal(none.headers['transfer-encoding'], undefined);
    const text = await call(t, { method, body: { text: 'reload ä' } });
    assert.deepEqual([text.method, text.body], [method, 'reload ä']);
    assert.equal(text.headers['content-type'], 'text/plain; charset=utf-8');
    for (const { headers } of [event, none, text])
      assert.equal(headers['lastgood-rollout'], EVENT.rollout);
  }
});

test('P8: only the event follows a redirect to another origin', async (t) => {
  const away = await serve(t);
  const respond: Respond = (_seen, response) =>
    void response.writeHead(307, { location: away.url }).end();
  const answerTo = async (body: WebhookRequest['body']) =>
    (await call(t, { body, followRedirects: true }, { respond })).answer.answer;
  assert.equal(await answerTo({ text: 'token=hunter2' }), 'fault');
  assert.equal(away.seen.length, 0);
  assert.equal(await answerTo('event'), 'accepted');
  assert.equal(await answerTo('none'), 'accepted');
  assert.deepEqual(JSON.parse(away.seen[0]?.body ?? ''), EVENT);
});

test('GET has no body, whatever the settings say', async (t) => {
  for (const body of ['event', 'none', { text: 'x' }] as const) {
    const { body: sent, headers } = await call(t, { method: 'GET', body });
    assert.equal(sent, '');
    assert.equal(headers['content-type'], undefined);
    assert.equal(headers['content-length'], undefined);
    assert.equal(headers['lastgood-version'], EVENT.version);
  }
});

test('a content-type of the settings overrides that of a text', async (t) => {
  const headers = { 'content-type': { value: 'application/x-www-form-urlencoded' } };
  const { headers: sent } = await call(t, { body: { text: 'a=1' }, headers });
  assert.equal(sent['content-type'], 'application/x-www-form-urlencoded');
});

test('a result has the status of the response, and a fault its Retry-After', async (t) => {
  const respond =
    (status: number): Respond =>
    (_seen, response) =>
      void response.writeHead(status, { 'retry-after': '7' }).end();
  const answerOf = async (status: number) =>
    (await call(t, {}, { respond: respond(status) })).answer;
  assert.deepEqual(await answerOf(204), { answer: 'accepted', reason: '', status: 204 });
  assert.deepEqual(await answerOf(409), { answer: 'refused', reason: 'status 409', status: 409 });
  const fault = { answer: 'fault', reason: 'status 503', status: 503, retryAfterMs: 7_000 };
  assert.deepEqual(await answerOf(503), fault);
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { freePort } from '../../../../test/free-port.ts';
import { createHttpClient } from '../../io/http/request.ts';
import { directory, serve } from '../../io/http/server.testing.ts';
import { webhookSettings } from '../../io/http/webhook/send-webhook.testing.ts';
import type { WebhookSettings } from '../../settings/settings.ts';
import { createWebhook } from './webhook.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const NOT_PREEMPTED = new AbortController().signal;

/** Time that only a test advances. */
function heldClock() {
  const time = { ms: 0 };
  const clock: Clock = {
    ...systemClock,
    nowMs: () => time.ms,
    wallMs: () => NOW_MS + time.ms,
  };
  return { clock, time };
}

/** A webhook whose app answers with `app.status`, and one second later. */
async function webhook(t: TestContext, more: Partial<WebhookSettings> = {}) {
  const { clock, time } = heldClock();
  const app = { status: 500, headers: {} as http.OutgoingHttpHeaders };
  const { url, seen } = await serve(t, (_seen, response) => {
    time.ms += 1_000;
    response.writeHead(app.status, app.headers).end();
  });
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const settings = webhookSettings({ url, ...more });
  const target = createWebhook(settings, { client, clock, sealed: false });
  const tell = (told: Partial<ReloadEvent> = {}) =>
    target.deliver({ ...EVENT, ...told }, NOT_PREEMPTED);
  return { app, seen, time, tell, target };
}

test('Retry-After of a fault is passed on, in seconds or as a date', async (t) => {
  const { app, tell } = await webhook(t);
  app.headers = { 'retry-after': '30' };
  for (const status of [429, 503, 500]) {
    app.status = status;
    assert.equal((await tell()).retryAfterMs, 30_000);
  }
  app.headers = { 'retry-after': new Date(NOW_MS + 60_000).toUTCString() };
  const { retryAfterMs = 0 } = await tell();
  assert.ok(retryAfterMs > 50_000 && retryAfterMs < 60_000, `${retryAfterMs}`);
  app.headers = { 'retry-after': 'soon' };
  assert.equal('retryAfterMs' in (await tell()), false);
  app.headers = { 'retry-after': '30' };
  for (const status of [200, 409]) {
    app.status = status;
    assert.equal('retryAfterMs' in (await tell()), false, `status ${status}`);
  }
});

test('the last fault that the deadline leaves time for is final', async (t) => {
  // Waits of 0.5 s or more, then 1 s or more, and so on.
  const { tell, time } = await webhook(t, { deadlineMs: 5_000 });
  assert.equal((await tell()).final, undefined);
  time.ms += 1_000;
  assert.equal((await tell({ attempt: 2 })).final, undefined);
  time.ms += 500;
  // 4.5 s of 5 s are over, and the next try is at least 2 s away.
  assert.equal((await tell({ attempt: 3 })).final, true);
});

test('an app that asks for more time than is left has had its last try', async (t) => {
  const { app, tell } = await webhook(t, { deadlineMs: 10_000 });
  // No wait for what the app has asked for is shorter than that: it is 9 s that are left.
  for (const seconds of [60, 10, 9]) {
    app.headers = { 'retry-after': `${seconds}` };
    assert.equal((await tell({ rollout: `01K${seconds}` })).final, true, `${seconds} s`);
  }
  app.headers = { 'retry-after': '8' };
  assert.equal((await tell({ rollout: '01K8' })).final, undefined);
});

test('an attempt after the deadline is a final fault, and nothing is sent', async (t) => {
  const { tell, time, seen } = await webhook(t, { deadlineMs: 5_000 });
  await tell();
  time.ms += 5_000;
  const late = await tell({ attempt: 2 });
  assert.deepEqual([late.answer, late.final, seen.length], ['fault', true, 1]);
  assert.match(late.findings[0]?.message ?? '', /the deadline for all attempts has passed/);
});

test('an attempt has only the time that the deadline leaves', async (t) => {
  const { clock, time } = heldClock();
  const { url } = await serve(t, () => {});
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const settings = webhookSettings({ url, timeoutMs: 100, deadlineMs: 140 });
  const target = createWebhook(settings, { client, clock, sealed: false });
  const reason = async () =>
    (await target.deliver(EVENT, NOT_PREEMPTED)).findings[0]?.message ?? '';
  assert.match(await reason(), /no response within 100 ms/);
  time.ms += 100;
  assert.match(await reason(), /no response within 40 ms/);
});

test('an absent app uses up nothing of the deadline', async (t) => {
  const { clock, time } = heldClock();
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const url = `http://127.0.0.1:${await freePort()}/`;
  const settings = webhookSettings({ url, deadlineMs: 5_000 });
  const { deliver } = createWebhook(settings, { client, clock, sealed: false });
  for (let attempt = 1; attempt < 5; attempt++) {
    const delivery = await deliver({ ...EVENT, attempt }, NOT_PREEMPTED);
    assert.deepEqual([delivery.answer, delivery.final], ['absent', undefined]);
    time.ms += 60_000;
  }
});

test('each delivery has its own deadline, and a rollback has none', async (t) => {
  const { tell, time, seen } = await webhook(t, { deadlineMs: 5_000 });
  await tell();
  time.ms += 60_000;
  for (let attempt = 1; attempt < 4; attempt++) {
    const back = await tell({ reason: 'rollback', attempt });
    assert.deepEqual([back.answer, back.final, back.status], ['fault', undefined, 500]);
    time.ms += 60_000;
  }
  assert.equal((await tell({ rollout: '01K' })).final, undefined);
  assert.equal(seen.length, 5);
});

test('absences before the first answer do not make the waits after faults longer', async (t) => {
  const { tell } = await webhook(t, { deadlineMs: 5_000 });
  // As attempt 1 it would leave time for another; as the 20th it would wait for 15 s or more.
  assert.equal((await tell({ attempt: 20 })).final, undefined);
  assert.equal((await tell({ attempt: 21 })).final, undefined);
  assert.equal((await tell({ attempt: 22 })).final, true);
});

test('the next attempt reaches an app that comes back, at a port or a Unix socket', async (t) => {
  const path = join(await directory(t), 'app.sock');
  const port = await freePort();
  for (const [url, at] of [
    [`http://localhost:${port}/reload`, port],
    [`unix:${path}:/reload`, path],
  ] as const) {
    const client = createHttpClient({ proxyEnv: undefined });
    t.after(() => client.close());
    const settings = webhookSettings({ url });
    const target = createWebhook(settings, { client, clock: systemClock, sealed: false });
    const answer = async () => (await target.deliver(EVENT, NOT_PREEMPTED)).answer;
    for (let attempt = 1; attempt <= 3; attempt++) assert.equal(await answer(), 'absent');
    const requests: (string | undefined)[] = [];
    let connections = 0;
    const server = http.createServer((request, response) => {
      requests.push(request.url);
      response.end();
    });
    server.on('connection', () => {
      connections += 1;
    });
    t.after(() => server.close());
    await once(
      typeof at === 'number' ? server.listen(at, '127.0.0.1') : server.listen(at),
      'listening',
    );
    assert.equal(await answer(), 'accepted');
    assert.deepEqual([requests, connections], [['/reload'], 1], 'no connection without a request');
  }
});

test('behind a proxy an app is never absent', async (t) => {
  const client = createHttpClient({
    proxyEnv: { HTTP_PROXY: `http://127.0.0.1:${await freePort()}` },
  });
  t.after(() => client.close());
  const settings = webhookSettings({ url: 'http://app.example/' });
  const behind = createWebhook(settings, { client, clock: systemClock, sealed: false });
  assert.equal((await behind.deliver(EVENT, NOT_PREEMPTED)).answer, 'fault');
});

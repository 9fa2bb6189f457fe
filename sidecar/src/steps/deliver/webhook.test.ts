import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { freePort } from '../../../../test/free-port.ts';
import { createHttpClient, type HttpClient } from '../../io/http/request.ts';
import { webhookSettings } from '../../io/http/webhook/send-webhook.testing.ts';
import type { WebhookSettings } from '../../settings/settings.ts';
import { createWebhook } from './webhook.ts';

let server: http.Server;
let client: HttpClient;
let answer: http.RequestListener;
let port: number;

before(async () => {
  client = createHttpClient();
  server = http.createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

after(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

function webhook(more: Partial<WebhookSettings> & { sealed?: boolean } = {}) {
  const { sealed = false, ...settings } = more;
  const target = createWebhook(
    webhookSettings({ url: `http://127.0.0.1:${port}/admin/reload`, ...settings }),
    { client, clock: systemClock, sealed },
  );
  const preempted = new AbortController().signal;
  return { ...target, deliver: (event: ReloadEvent) => target.deliver(event, preempted) };
}

function replies(status: number, body = ''): http.RequestListener {
  return (_request, response) => response.writeHead(status).end(body);
}

test('the request carries the event as JSON and names bundle, version and rollout', async () => {
  const requests: {
    method: string;
    url: string;
    headers: http.IncomingHttpHeaders;
    body: string;
  }[] = [];
  answer = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers, body });
    response.end();
  };
  assert.deepEqual(await webhook().deliver(EVENT), {
    answer: 'accepted',
    findings: [],
    status: 200,
  });
  const [seen] = requests;
  assert.ok(seen);
  assert.equal(seen.method, 'POST');
  assert.equal(seen.url, '/admin/reload');
  assert.deepEqual(JSON.parse(seen.body), EVENT);
  assert.equal(seen.headers['content-type'], 'application/json');
  assert.equal(seen.headers['lastgood-bundle'], 'model');
  assert.equal(seen.headers['lastgood-version'], EVENT.version);
  assert.equal(seen.headers['lastgood-rollout'], EVENT.rollout);
});

test('every status is one of accepted, refused and fault', async () => {
  const expected = { 200: 'accepted', 204: 'accepted', 301: 'fault', 400: 'refused', 404: 'fault' };
  const more = { 409: 'refused', 422: 'refused', 500: 'fault', 503: 'fault' };
  for (const [status, meant] of Object.entries({ ...expected, ...more })) {
    answer = replies(Number(status));
    assert.equal((await webhook().deliver(EVENT)).answer, meant, `status ${status}`);
  }
});

test("a refusal's JSON reason, or its short plain text, is the reason shown", async () => {
  const reasonFor = async (body: string) => {
    answer = replies(422, body);
    return (await webhook().deliver(EVENT)).findings[0]?.message;
  };
  const name = `webhook http://127.0.0.1:${port}/admin/reload`;
  assert.equal(await reasonFor('{"reason":"no such\\n model"}'), `${name} refused: no such model`);
  assert.equal(
    await reasonFor('device cuda is not there'),
    `${name} refused: device cuda is not there`,
  );
  assert.equal(await reasonFor('<html>oops</html>'), `${name} refused: status 422`);
  assert.equal(await reasonFor('x'.repeat(10_000)), `${name} refused: status 422`);
  assert.match((await reasonFor(`{"reason":"${'x'.repeat(10_000)}"}`)) ?? '', /x{300}…$/);
});

test('P8: the words of the app are not shown if the bundle is secret', async () => {
  answer = replies(422, '{"reason":"password hunter2 is wrong"}');
  const { findings } = await webhook({ sealed: true }).deliver(EVENT);
  assert.doesNotMatch(JSON.stringify(findings), /hunter2/);
});

test('P8: a password in the URL is used, and never shown', async () => {
  answer = (request, response) => {
    response.writeHead(request.headers.authorization ? 409 : 500).end('no');
  };
  const target = webhook({ url: `http://user:hunter2@127.0.0.1:${port}/reload?token=hunter3` });
  const delivery = await target.deliver(EVENT);
  assert.equal(delivery.answer, 'refused');
  assert.doesNotMatch(JSON.stringify([target.name, delivery]), /hunter/);
});

test('an app that does not listen is absent; a reset and a hang are faults, a cut body is not', async () => {
  const absent = await webhook({ url: `http://127.0.0.1:${await freePort()}/` }).deliver(EVENT);
  assert.equal(absent.answer, 'absent');
  assert.equal(absent.findings[0]?.code, 'LG_DELIVER_ABSENT');
  answer = (request) => request.socket.destroy();
  assert.equal((await webhook().deliver(EVENT)).answer, 'fault');
  answer = () => {};
  const hung = await webhook({ timeoutMs: 50 }).deliver(EVENT);
  assert.equal(hung.answer, 'fault');
  assert.match(hung.findings[0]?.message ?? '', /no response within 50 ms/);
  answer = (request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half');
    setImmediate(() => request.socket.destroy());
  };
  assert.equal((await webhook().deliver(EVENT)).answer, 'accepted');
});

test('P7: a reset while the app handles a reload is a fault, and is not sent twice', async () => {
  const attempts: string[] = [];
  answer = (request, response) => {
    attempts.push(request.method ?? '');
    if (attempts.length === 1) response.end();
    else request.socket.destroy();
  };
  assert.equal((await webhook().deliver(EVENT)).answer, 'accepted');
  assert.equal((await webhook().deliver(EVENT)).answer, 'fault');
  assert.equal(attempts.length, 2);
});

test('an unusual response is still one of the four answers', async () => {
  answer = (request) => {
    request.socket.end('HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n');
  };
  assert.equal((await webhook().deliver(EVENT)).answer, 'fault');
  const broken = await webhook({ url: 'http://user:p%zz@127.0.0.1/' }).deliver(EVENT);
  assert.deepEqual([broken.answer, /zz/.test(JSON.stringify(broken))], ['fault', false]);
});

test('GET sends no body', async () => {
  let length: string | undefined;
  answer = (request, response) => {
    length = request.headers['content-length'];
    response.end();
  };
  assert.equal((await webhook({ method: 'GET' }).deliver(EVENT)).answer, 'accepted');
  assert.equal(length, undefined);
});

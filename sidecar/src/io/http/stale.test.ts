import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import type { RequestOptions } from './options.ts';
import { createHttpClient } from './request.ts';

import { closesWhenUsedAgain, directory, serve } from './server.testing.ts';
import { webhookSettings } from './webhook/send-webhook.testing.ts';
import { sendWebhook } from './webhook/send-webhook.ts';

/** An app that closes each kept connection as it is used again; by both ways through the client. */
async function forgetfulApp(t: TestContext) {
  const path = join(await directory(t), 'app.sock');
  const near = await serve(t, closesWhenUsedAgain(), { path });
  const far = await serve(t, closesWhenUsedAgain());
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const ways = [
    { url: `unix:${path}:/`, seen: near.seen },
    { url: far.url, seen: far.seen },
  ];
  return { client, ways };
}

test('an idempotent request is repeated when the app closes its kept connection', async (t) => {
  const { client, ways } = await forgetfulApp(t);
  for (const { url, seen } of ways) {
    const look: RequestOptions = { url, method: 'GET', timeoutMs: 5_000, isIdempotent: true };
    assert.equal((await client.request(look)).type, 'answer', url);
    assert.equal((await client.request(look)).type, 'answer', url);
    assert.equal(seen.length, 3, url);
  }
});

test('P7: a webhook is not repeated when the app closes its kept connection, not even a GET', async (t) => {
  const { client, ways } = await forgetfulApp(t);
  for (const { url, seen } of ways) {
    const settings = webhookSettings({ url, method: 'GET' });
    const tell = () => sendWebhook(settings, EVENT, { client, clock: systemClock, sealed: false });
    assert.equal((await tell()).answer, 'accepted', url);
    assert.deepEqual(await tell(), { answer: 'fault', reason: 'ECONNRESET' }, url);
    assert.equal(seen.length, 2, url);
  }
});

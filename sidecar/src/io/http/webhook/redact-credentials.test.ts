import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { EVENT } from '@lastgood/core/model/reload-event.testing.ts';
import { createHttpClient } from '../request.ts';
import { directory, serve } from '../server.testing.ts';
import { webhookSettings } from './send-webhook.testing.ts';
import { sendWebhook } from './send-webhook.ts';

test('P8: a refusal that quotes the request is shown without the credentials', async (t) => {
  const dir = await directory(t);
  const [token, password] = [join(dir, 'token'), join(dir, 'password')];
  await writeFile(token, 'hunter2token\n');
  await writeFile(password, 'hunter2password\n');
  const quote = { reason: '' };
  const { port } = await serve(t, ({ headers }, response) => {
    quote.reason = `no route to /reload?token=hunter2%2Fquery with ${headers.authorization}, ${headers['x-key']}`;
    response.writeHead(422).end(JSON.stringify(quote));
  });
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const url = `http://user:hunter2userinfo@127.0.0.1:${port}/reload?token=hunter2%2Fquery`;
  const headers = { 'x-key': { value: 'hunter2header' } };
  const basic = { username: 'user', passwordFile: password };
  for (const auth of [
    { bearerFile: token, basic: undefined, hmac: undefined },
    { bearerFile: undefined, basic, hmac: undefined },
  ]) {
    const settings = webhookSettings({ url, headers, auth });
    const { reason } = await sendWebhook(settings, EVENT, {
      client,
      clock: systemClock,
      sealed: false,
    });
    const scheme = auth.basic === undefined ? 'Bearer' : 'Basic';
    assert.equal(reason, `no route to /reload?token=xxxxx with ${scheme} xxxxx, xxxxx`);
  }
});

test('the other words of a refusal are shown unchanged', async (t) => {
  const { url } = await serve(t, (_seen, response) => {
    response.writeHead(422).end('batch_size must be at most 64');
  });
  const client = createHttpClient({ proxyEnv: undefined });
  t.after(() => client.close());
  const { reason } = await sendWebhook(webhookSettings({ url }), EVENT, {
    client,
    clock: systemClock,
    sealed: false,
  });
  assert.equal(reason, 'batch_size must be at most 64');
});

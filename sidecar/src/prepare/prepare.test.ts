import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { PrepareEvent } from '@lastgood/sdk';
import { PLAIN_REQUEST } from '../http/plain.fixture.ts';
import { createHttpClient, type HttpClient } from '../http/request.ts';
import { formatFinding } from '../verdict.ts';
import { ATTEMPTS, createPrepare, RETRY_MS } from './prepare.ts';

const EVENT: PrepareEvent = {
  event: 'prepare',
  bundle: 'model',
  version: `sha256:${'a'.repeat(64)}`,
  previous: null,
  rollout: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  changed: ['config.yaml'],
  dir: '/config/..dry-run',
};

let server: http.Server;
let client: HttpClient;
let url: string;
/** Statuses to answer with, in their order; then 200. */
let statuses: number[] = [];
let asked: string[] = [];

before(async () => {
  client = createHttpClient();
  server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push(text);
    const status = statuses.shift() ?? 200;
    response.writeHead(status).end(status < 300 ? '' : '{"reason":"cuda:9 is not there"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin/validate`;
});

after(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

async function ask(urls: readonly string[], { sealed = false, replies = [] as number[] } = {}) {
  statuses = [...replies];
  asked = [];
  const waits: number[] = [];
  const clock = {
    nowMs: () => 0,
    wallMs: () => 0,
    sleep: async (ms: number) => void waits.push(ms),
  };
  const settings = urls.map((each) => ({
    webhook: {
      ...PLAIN_REQUEST,
      url: each,
      method: 'POST' as const,
      body: 'event' as const,
      success: ['2xx' as const],
      refused: [422],
      timeoutMs: 5_000,
    },
  }));
  const prepare = createPrepare(settings, { client, sealed, clock });
  const { answer, findings } = await prepare(EVENT, new AbortController().signal);
  return { answer, said: findings.map(formatFinding).join('\n').replaceAll(url, 'URL'), waits };
}

test('everybody is asked, with the event', async () => {
  assert.equal((await ask([url, url])).answer, 'accepted');
  assert.deepEqual(asked, [JSON.stringify(EVENT), JSON.stringify(EVENT)]);
});

test('a no is final, with its reason, and nobody else is asked', async () => {
  const { answer, said } = await ask([url, url], { replies: [422] });
  assert.equal(answer, 'refused');
  assert.equal(said, 'webhook URL refused the dry run: cuda:9 is not there [LG_PREPARE_REFUSED]');
  assert.equal(asked.length, 1);
});

test('P8: the words of an app that reads secrets are not passed on', async () => {
  const { said } = await ask([url], { sealed: true, replies: [422] });
  assert.equal(said, 'webhook URL refused the dry run: status 422 [LG_PREPARE_REFUSED]');
});

test('what is no answer is asked for again, and then told as a fault', async () => {
  const once = await ask([url], { replies: [500] });
  assert.deepEqual([once.answer, once.waits], ['accepted', [RETRY_MS]]);
  const always = await ask([url], { replies: Array.from({ length: ATTEMPTS }, () => 500) });
  assert.equal(always.answer, 'fault');
  assert.equal(
    always.said,
    'webhook URL could not be asked for a dry run: status 500 [LG_PREPARE_FAULT]',
  );
});

test('an app that is not there says no to nothing', async () => {
  const { answer, said } = await ask(['http://127.0.0.1:1/', url]);
  assert.deepEqual([answer, said, asked.length], ['accepted', '', 1]);
});

test('a newer content ends the question', async () => {
  const prepare = createPrepare(
    [
      {
        webhook: {
          ...PLAIN_REQUEST,
          url,
          method: 'POST',
          body: 'event',
          success: ['2xx'],
          refused: [],
          timeoutMs: 5_000,
        },
      },
    ],
    { client, sealed: false, clock: { nowMs: () => 0, wallMs: () => 0, sleep: async () => {} } },
  );
  await assert.rejects(prepare(EVENT, AbortSignal.abort(new Error('over'))), /over/);
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { PrepareEvent } from '@lastgood/core/model/reload-event.ts';
import { DEADLINE_MS } from '../../../../test/deadline.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { PLAIN_REQUEST } from '../../io/http/options.testing.ts';
import { createHttpClient, type HttpClient } from '../../io/http/request.ts';
import type { BundleSettings, PrepareSettings } from '../../settings/settings.ts';
import { ATTEMPTS, createDryRun, createPrepare, RETRY_MS } from './prepare.ts';

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
/** The header `Retry-After` of every answer; empty: none. */
let retryAfter = '';
let asked: string[] = [];

before(async () => {
  client = createHttpClient();
  server = http.createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    asked.push(text);
    const status = statuses.shift() ?? 200;
    if (retryAfter !== '') response.setHeader('retry-after', retryAfter);
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

/** A dry run at this URL, as the settings have it. */
function dryRun(at: string): PrepareSettings {
  const webhook = {
    ...PLAIN_REQUEST,
    url: at,
    method: 'POST',
    body: 'event',
    success: ['2xx'],
    refused: [422],
    timeoutMs: DEADLINE_MS,
  } as const;
  return { webhook };
}

async function ask(
  urls: readonly string[],
  { sealed = false, replies = [] as number[], after = '' } = {},
) {
  statuses = [...replies];
  retryAfter = after;
  asked = [];
  const waits: number[] = [];
  const clock = {
    nowMs: () => 0,
    wallMs: () => 0,
    sleep: async (ms: number) => void waits.push(ms),
  };
  const prepare = createPrepare(urls.map(dryRun), { client, sealed, clock });
  const { answer, findings } = await prepare(EVENT, new AbortController().signal);
  return { answer, said: findings.map(formatFinding).join('\n').replaceAll(url, 'URL'), waits };
}

test('every app gets a dry run, with the event', async () => {
  assert.equal((await ask([url, url])).answer, 'accepted');
  assert.deepEqual(asked, [JSON.stringify(EVENT), JSON.stringify(EVENT)]);
});

test('a refusal is final, with its reason, and no other app gets a dry run', async () => {
  const { answer, said } = await ask([url, url], { replies: [422] });
  assert.equal(answer, 'refused');
  assert.equal(said, 'webhook URL refused the dry run: cuda:9 is not there [LG_PREPARE_REFUSED]');
  assert.equal(asked.length, 1);
});

test('P8: the words of an app that reads secrets are not shown', async () => {
  const { said } = await ask([url], { sealed: true, replies: [422] });
  assert.equal(said, 'webhook URL refused the dry run: status 422 [LG_PREPARE_REFUSED]');
});

test('a fault is retried, and then reported', async () => {
  const once = await ask([url], { replies: [500] });
  assert.deepEqual([once.answer, once.waits], ['accepted', [RETRY_MS]]);
  const always = await ask([url], { replies: Array.from({ length: ATTEMPTS }, () => 500) });
  assert.equal(always.answer, 'fault');
  assert.equal(always.said, 'webhook URL failed in the dry run: status 500 [LG_PREPARE_FAULT]');
});

test('an absent app refuses nothing', async () => {
  const { answer, said } = await ask(['http://127.0.0.1:1/', url]);
  assert.deepEqual([answer, said, asked.length], ['accepted', '', 1]);
});

test('Retry-After delays the next attempt, for at most 15 minutes', async () => {
  const at = new Date(90_000).toUTCString();
  for (const [after, waitMs] of [
    ['30', 30_000],
    [at, 90_000],
    ['0', RETRY_MS],
    ['soon', RETRY_MS],
    ['86400', 15 * 60_000],
  ] as const) {
    const { answer, waits } = await ask([url], { replies: [503, 429], after });
    assert.deepEqual([answer, waits], ['accepted', [waitMs, waitMs]], after);
  }
});

test('a newer version ends the dry run', async () => {
  const options = { client, sealed: false, clock: systemClock };
  const prepare = createPrepare([dryRun(url)], options);
  await assert.rejects(prepare(EVENT, AbortSignal.abort(new Error('over'))), /over/);
});

test('P6: a newer version ends the wait of Retry-After', async () => {
  statuses = [503];
  retryAfter = '900';
  const newer = new AbortController();
  const waits: number[] = [];
  const sleep = async (ms: number, signal?: AbortSignal) => {
    waits.push(ms);
    newer.abort(new Error('over'));
    signal?.throwIfAborted();
  };
  const options = { client, sealed: false, clock: { ...systemClock, sleep } };
  await assert.rejects(createPrepare([dryRun(url)], options)(EVENT, newer.signal), /over/);
  assert.deepEqual(waits, [15 * 60_000]);
});

test('P4 a link in place of the copy is removed before and after a dry run', async (t) => {
  const published = temporaryDirectory(t);
  const victim = temporaryDirectory(t);
  writeFileSync(join(victim, 'precious'), 'kept');
  const copy = join(published, '..dry-run');
  const settings = { prepare: [dryRun(url)], publish: published, mountedAt: '/config' };
  const run = createDryRun(settings as unknown as BundleSettings, {
    client,
    clock: systemClock,
    sealed: false,
    publishCopy: async (_, dir) => {
      assert.equal(dir, copy);
      assert.ok(!existsSync(copy));
      symlinkSync(victim, copy);
    },
  });
  symlinkSync(victim, copy);
  const snapshot = { version: EVENT.version, files: [], sizeBytes: 0, writtenAtMs: 0 };
  const prepared = await run({ snapshot, event: EVENT }, new AbortController().signal);
  assert.equal(prepared.answer, 'accepted');
  assert.deepEqual([readdirSync(published), readdirSync(victim)], [[], ['precious']]);
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '@lastgood/core/model/clock.ts';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { pino } from 'pino';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { startBundle } from '../app/bundle.ts';
import { KnownSecrets } from '../app/known-secrets.ts';
import type { HttpClient } from '../io/http/request.ts';
import { load } from '../settings/load.ts';
import { createMetrics } from './metrics.ts';

const SECRET = 'hunter2';

type Line = Readonly<Record<string, unknown>>;

/** A bundle with a secret, and an app that takes a minute for each answer. */
async function stage(t: TestContext) {
  const dir = temporaryDirectory(t);
  const source = join(dir, 'source');
  for (const each of [source, join(dir, 'live')]) mkdirSync(each);
  const write = (value: string) => writeFileSync(join(source, 'token'), value);
  write(SECRET);
  const app = { token: SECRET };
  let skippedMs = 0;
  const clock: Clock = { ...systemClock, nowMs: () => systemClock.nowMs() + skippedMs };
  const client: HttpClient = {
    close: () => {},
    request: async () => {
      skippedMs += 60_000;
      return {
        type: 'answer',
        status: 200,
        body: JSON.stringify(app),
        bodyEnd: 'whole',
        headers: {},
      };
    },
  };
  const loaded = await load('/lastgood.yaml', async () => Buffer.from(settingsIn(dir)));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const [settings] = loaded.settings.bundles;
  assert.ok(settings);
  const lines: Line[] = [];
  let wake = () => {};
  const hear = (text: string) => {
    lines.push(JSON.parse(text));
    wake();
  };
  const bundle = await startBundle({
    settings,
    stateDir: undefined,
    secrets: new KnownSecrets(),
    clock,
    random: () => 0,
    newId: randomUUID,
    log: pino({ base: null }, { write: hear }),
    metrics: createMetrics('0.1.0'),
    client,
    metricsAdapter: undefined,
    onEnd: () => {},
    once: false,
    env: {},
    compact: () => {},
  });
  t.after(() => bundle.stop());
  const line = async (matches: (line: Line) => boolean) => {
    for (;;) {
      const found = lines.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { app, bundle, lines, line, write };
}

function settingsIn(dir: string): string {
  const json = { path: 'token', equals: 'another' };
  const bundle = {
    name: 'model',
    volumes: [{ path: join(dir, 'source'), secret: true }],
    publish: join(dir, 'live'),
    confirm: { within: '5m', hold: '0ms', http: { url: 'http://localhost:8080/health', json } },
  };
  return JSON.stringify({ bundles: [bundle] });
}

const isWaiting = ({ code }: Line) => code === 'LG_CONFIRM_WAITING';

test('P8: the log and the status say what a confirmation waits for, and quote no secret', {
  timeout: DEADLINE_MS,
}, async (t) => {
  const { app, bundle, lines, line } = await stage(t);
  const { msg, level, step, rollout, version } = await line(isWaiting);
  const lacks = 'http://localhost:8080/health reports that token is not as expected';
  assert.equal(msg, `not proven yet: ${lacks}; 300 s are left [LG_CONFIRM_WAITING]`);
  assert.deepEqual([level, step], [40, 'confirm']);
  const { health, ready, phase, ...shown } = bundle.status();
  assert.deepEqual([health.state, ready, phase], ['ok', true, 'confirming']);
  assert.deepEqual(health.findings.map(formatFinding), [msg]);
  assert.deepEqual([shown.rollout?.id, shown.desired?.slice(7, 19)], [rollout, version]);
  assert.ok(!JSON.stringify([bundle.status(), lines]).includes(SECRET));

  app.token = 'another';
  await line(({ outcome }) => outcome === 'committed');
  assert.deepEqual(bundle.status().health.findings, []);
});

test('a rollout and its rollback log once each what they wait for, however long they take', {
  timeout: DEADLINE_MS,
}, async (t) => {
  const { app, bundle, lines, line, write } = await stage(t);
  app.token = 'another';
  const { version } = await line(({ outcome }) => outcome === 'committed');
  app.token = SECRET;
  write('hunter3');
  const waiting = await line((each) => isWaiting(each) && each.back === true);
  const waits = lines.filter((each) => isWaiting(each) && each.rollout === waiting.rollout);
  assert.deepEqual(
    waits.map(({ back = false }) => back),
    [false, true],
  );
  assert.equal(waiting.version, version);
  assert.match(String(waiting.msg), /^roll back: not proven yet: /);
  const { health } = bundle.status();
  const codes = health.findings.map(({ code }) => code);
  assert.deepEqual(codes, ['LG_CONFIRM_FAILED', 'LG_CONFIRM_WAITING']);
  assert.equal(health.state, 'degraded');
});

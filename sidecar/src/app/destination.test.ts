import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { systemClock } from '@lastgood/core/model/clock.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { pino } from 'pino';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';
import { load } from '../settings/load.ts';
import { preparePublished } from '../steps/publish/publish.ts';
import { openDestination } from './destination.ts';

function snapshot(content: string): Snapshot {
  const bytes = Buffer.from(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const files = [{ path: 'password', mode: 0o644, bytes, sha256, secret: true }];
  return { version: `sha256:${sha256}`, files, sizeBytes: bytes.length, writtenAtMs: 0 };
}

async function settingsOf(dir: string, more: object) {
  const volumes = [{ path: '/source', secret: true }];
  const bundles = [{ name: 'db', volumes, publish: dir, ...more }];
  const loaded = await load('/lastgood.yaml', async () => Buffer.from(JSON.stringify({ bundles })));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const [settings] = loaded.settings.bundles;
  assert.ok(settings);
  return settings;
}

async function opened(
  dir: string,
  { once = false, ...more }: { once?: boolean; history?: number } = {},
) {
  await preparePublished(dir);
  return openDestination({
    settings: await settingsOf(dir, more),
    store: { expandedDir: undefined, socketDir: undefined },
    log: pino({ enabled: false }),
    clock: systemClock,
    readBack: async () => null,
    sealed: true,
    once,
  });
}

function versionsIn(dir: string): number {
  return readdirSync(dir).filter((name) => /^\.\.\d/.test(name)).length;
}

/** Until what the timer has started is over. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await setImmediate();
}

test('P8: a rotated password is gone one minute after the swap', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const dir = join(temporaryDirectory(t), 'live');
  const { publish } = await opened(dir);
  await publish(snapshot('old'));
  await publish(snapshot('new'));
  t.mock.timers.tick(59_000);
  assert.equal(versionsIn(dir), 2);
  t.mock.timers.tick(1_000);
  await until(() => versionsIn(dir) === 1);
});

test('P8: after a restart, a rotated password is gone within a minute too', async (t) => {
  const dir = join(temporaryDirectory(t), 'live');
  const before = await opened(dir);
  for (const content of ['old', 'new']) await before.publish(snapshot(content));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await opened(dir);
  t.mock.timers.tick(60_000);
  await until(() => versionsIn(dir) === 1);
});

test('P8: with --once, a rotated password is gone at once', async (t) => {
  const dir = join(temporaryDirectory(t), 'live');
  const { publish } = await opened(dir, { once: true });
  for (const content of ['old', 'new']) await publish(snapshot(content));
  assert.equal(versionsIn(dir), 1);
});

test('a history that the settings ask for is kept', async (t) => {
  const dir = join(temporaryDirectory(t), 'live');
  const { publish } = await opened(dir, { once: true, history: 2 });
  for (const content of ['1', '2', '3', '4']) await publish(snapshot(content));
  assert.equal(versionsIn(dir), 3);
});

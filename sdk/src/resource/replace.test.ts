import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ResourceOptions } from '../config-resource.ts';
import { TestHost } from './host.testing.ts';
import { TestModels, type TestOpened } from './opened.testing.ts';
import { openResource } from './resource.ts';

type Options = Partial<ResourceOptions<number, number, TestOpened>>;

async function setUp(options: Options = {}) {
  const host = new TestHost(1);
  const models = new TestModels();
  const resource = await openResource(
    {
      select: (value: number) => value,
      open: models.load,
      close: models.release,
      swap: 'replace',
      ...options,
    },
    host,
  );
  return { host, models, resource, part: () => resource.use(({ part }) => part) };
}

test('the new one is opened when the old one is closed, and users wait meanwhile', async () => {
  const { host, models, resource, part } = await setUp();
  const lease = await resource.acquire();
  const preparing = host.prepare(2);
  await turn();
  const waiting = part();
  assert.deepEqual([models.parts, resource.stats().draining], [[1], 1]);
  lease.release();
  await preparing;
  host.commit();
  assert.equal(await waiting, 2);
  assert.equal(models.peak, 1);
});

test('it goes straight to the newest version', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const models = new TestModels();
  const { host, part } = await setUp({
    open: async (model) => {
      if (model === 2) await promise;
      return models.load(model);
    },
    close: models.release,
  });
  const second = host.prepare(2);
  await turn();
  const third = host.prepare(3);
  await assert.rejects(second, /given up/);
  resolve();
  await third;
  host.commit();
  assert.equal(await part(), 3);
  assert.deepEqual(models.parts, [1, 2, 3]);
  assert.equal(models.peak, 1);
});

test('a version that is given up while the old one has users leaves that open', async () => {
  const { host, models, resource, part } = await setUp();
  await resource.acquire();
  const preparing = host.prepare(2);
  await turn();
  const waiting = part();
  host.abort();
  await assert.rejects(preparing, /given up/);
  assert.equal(await waiting, 1);
  assert.deepEqual(models.parts, [1]);
});

test('a version that is given up while it is checked disturbs nothing', async () => {
  const { host, models, resource } = await setUp({
    check: async (model) => {
      if (model === 2) await turn();
    },
  });
  const preparing = host.prepare(2);
  host.abort();
  await assert.rejects(preparing, /given up/);
  await turn();
  await turn();
  assert.deepEqual([models.parts, resource.stats().open], [[1], 1]);
});

test('after a commit, the last good one is the new one', async () => {
  const { host, models, part } = await setUp();
  await host.change(2);
  await host.prepare(3);
  host.abort();
  assert.equal(await part(), 2);
  assert.deepEqual(models.parts, [1, 2, 3, 2]);
});

/** Opens 1 once, and nothing while `isBroken`. */
async function setUpBroken(context: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  context.after(() => mock.timers.reset());
  const models = new TestModels();
  const device = { isBroken: false };
  const running = await setUp({
    open: (model) => {
      if (device.isBroken) throw new Error('device lost');
      return models.load(model);
    },
    close: models.release,
  });
  device.isBroken = true;
  await assert.rejects(running.host.prepare(2), /device lost/);
  await turn();
  return { ...running, device };
}

test('the last good one is opened again with a growing delay until it works', async (context) => {
  const { host, device, part } = await setUpBroken(context);
  const waiting = part();
  assert.deepEqual(host.faults, ['device lost']);
  for (const ms of [1000, 2000, 4000]) {
    mock.timers.tick(ms - 1);
    await turn();
    const before: number = host.faults.length;
    mock.timers.tick(1);
    await turn();
    assert.equal(host.faults.length, before + 1);
  }
  device.isBroken = false;
  mock.timers.tick(8000);
  assert.equal(await waiting, 1);
  assert.equal(host.faults.at(-1), undefined);
});

test('a newer version is opened at once when the last good one cannot be', async (context) => {
  const { host, device, part } = await setUpBroken(context);
  device.isBroken = false;
  await host.change(3);
  assert.equal(await part(), 3);
  assert.deepEqual(host.faults, ['device lost', undefined]);
});

test('users wait within a limit, and get an error then', async (context) => {
  const { resource } = await setUpBroken(context);
  const waiting = resource.acquire();
  mock.timers.tick(60_000);
  await assert.rejects(waiting, { name: 'ConfigError', code: 'LG_SDK_RESOURCE_TIMEOUT' });
  assert.equal(resource.stats().inUse, 0);
});

test('those who wait get the reason at close', async (context) => {
  const { host, part } = await setUpBroken(context);
  const waiting = part();
  await Promise.all([assert.rejects(waiting, /closed/), host.close()]);
});

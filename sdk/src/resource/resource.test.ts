import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ResourceOptions } from '../config-resource.ts';
import { TestHost } from './host.testing.ts';
import { TestModels, type TestOpened } from './opened.testing.ts';
import { openResource } from './resource.ts';

interface Value {
  readonly model: number;
  readonly other?: number;
}

type Options = Partial<ResourceOptions<Value, number, TestOpened>>;

async function setUp(options: Options = {}) {
  const host = new TestHost<Value>({ model: 1 });
  const models = new TestModels();
  const resource = await openResource(
    { select: (value) => value.model, open: models.load, close: models.release, ...options },
    host,
  );
  return { host, models, resource, part: () => resource.use(({ part }) => part) };
}

/** It opens when `resolve` is called. */
async function startSlowly(swap: 'beside' | 'replace') {
  const host = new TestHost<Value>({ model: 1 });
  const models = new TestModels();
  const { promise, resolve } = Promise.withResolvers<void>();
  const select = ({ model }: Value) => model;
  const open = (model: number) => promise.then(() => models.load(model));
  const opening = openResource({ select, open, close: models.release, swap }, host);
  await turn();
  return { host, models, opening, resolve };
}

for (const swap of ['beside', 'replace'] as const) {
  test(`${swap}: a change of another part leaves it open`, async () => {
    const { host, models, part } = await setUp({ swap });
    await host.change({ model: 1, other: 2 });
    assert.equal(await part(), 1);
    assert.deepEqual(models.parts, [1]);
  });

  test(`${swap}: a change of its part closes the old one`, async () => {
    const { host, models, resource, part } = await setUp({ swap });
    await host.change({ model: 2 });
    assert.equal(await part(), 2);
    assert.deepEqual([models.parts, models.open], [[1, 2], 1]);
    assert.deepEqual(resource.stats(), { open: 1, inUse: 0, draining: 0 });
  });

  test(`${swap}: a version that cannot be opened is rejected, and users keep the last good one`, async () => {
    const load = new TestModels().load;
    const { host, part } = await setUp({
      swap,
      open: (model) => {
        if (model === 2) throw new Error('no such model');
        return load(model);
      },
    });
    await assert.rejects(host.change({ model: 2 }), /no such model/);
    assert.equal(await part(), 1);
    await host.change({ model: 3 });
    assert.equal(await part(), 3);
  });

  test(`${swap}: a version that is given up is closed, also if it opens late`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const models = new TestModels();
    let signalOf2: AbortSignal | undefined;
    const { host, part } = await setUp({
      swap,
      open: async (model, { signal }) => {
        if (model === 2) {
          signalOf2 = signal;
          await promise;
        }
        return models.load(model);
      },
      close: models.release,
    });
    const preparing = host.prepare({ model: 2 });
    await turn();
    host.abort();
    // At once: it does not wait for an `open` that ignores its signal.
    await assert.rejects(preparing, /given up/);
    assert.ok(signalOf2?.aborted);
    resolve();
    assert.equal(await part(), 1);
    await turn();
    assert.equal(models.open, 1);
  });

  test(`${swap}: P4 users do not get a prepared version before its commit`, async () => {
    const { host, models, resource, part } = await setUp({ swap });
    await host.prepare({ model: 2 });
    const before = part();
    await turn();
    assert.equal(resource.stats().inUse, 0);
    host.abort();
    assert.equal(await before, 1);
    assert.equal(await part(), 1);
    await host.prepare({ model: 2 });
    host.commit();
    assert.equal(await part(), 2);
    await turn();
    assert.equal(models.open, 1);
  });

  test(`${swap}: a check that fails rejects the version, and users keep the last good one`, async () => {
    const { host, models, part } = await setUp({
      swap,
      check: async (model) => {
        await turn();
        if (model === 2) throw new Error('too large');
      },
    });
    await assert.rejects(host.change({ model: 2 }), /too large/);
    assert.equal(await part(), 1);
    assert.equal(models.open, 1);
    assert.deepEqual(models.parts, swap === 'replace' ? [1] : [1, 2]);
  });

  test(`${swap}: it calls the functions of the app in the documented order`, async () => {
    const calls: string[] = [];
    const { load, release } = new TestModels();
    const { host } = await setUp({
      swap,
      open: (model) => {
        calls.push(`open ${model}`);
        return load(model);
      },
      check: (model) => void calls.push(`check ${model}`),
      close: (opened) => {
        calls.push(`close ${opened.part}`);
        release(opened);
      },
    });
    await host.change({ model: 2 });
    const orders = {
      beside: ['open 1', 'check 1', 'open 2', 'check 2', 'close 1'],
      replace: ['check 1', 'open 1', 'check 2', 'close 1', 'open 2'],
    };
    assert.deepEqual(calls, orders[swap]);
  });

  test(`${swap}: a select that throws rejects the version`, async () => {
    const { host, part } = await setUp({
      swap,
      select: ({ model }) => {
        if (model === 2) throw new TypeError('no such key');
        return model;
      },
    });
    await assert.rejects(host.change({ model: 2 }), /no such key/);
    assert.equal(await part(), 1);
  });

  test(`${swap}: a close that throws is reported, and hurts nothing`, async () => {
    const { host, part } = await setUp({
      swap,
      close: () => {
        throw new Error('stuck');
      },
    });
    await host.change({ model: 2 });
    assert.equal(await part(), 2);
    await turn();
    assert.match(String(host.errors), /stuck/);
  });

  test(`${swap}: a close that never returns is reported, and hurts nothing`, async () => {
    const { host, part } = await setUp({ swap, drainMs: 1, close: () => new Promise(() => {}) });
    await host.change({ model: 2 });
    assert.equal(await part(), 2);
    await host.close();
    assert.match(String(host.errors), /close of a resource has not ended after 1 ms/);
  });

  test(`${swap}: one that is still used at the deadline is closed, and that is reported`, async () => {
    const { host, models, resource, part } = await setUp({ swap, drainMs: 1 });
    const lease = await resource.acquire();
    await host.change({ model: 2 });
    assert.equal(await part(), 2);
    await host.close();
    lease.release();
    assert.equal(models.open, 0);
    assert.match(String(host.errors), /closed with 1 users after 1 ms/);
  });

  test(`${swap}: its signal does not abort once it is open`, async () => {
    const signals: AbortSignal[] = [];
    const { host } = await setUp({
      swap,
      open: (part, { signal }) => {
        signals.push(signal);
        return { part, isOpen: true };
      },
    });
    await host.change({ model: 2 });
    await host.close();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false, false],
    );
  });

  test(`${swap}: it opens what is active after the version in progress when it is created`, async () => {
    for (const isCommitted of [true, false]) {
      const { host, models } = await setUp();
      await host.prepare({ model: 2 });
      const opening = openResource(
        { select: ({ model }: Value) => model, open: models.load },
        host,
      );
      await turn();
      if (isCommitted) host.commit();
      else host.abort();
      assert.equal(await (await opening).use(({ part }) => part), isCommitted ? 2 : 1);
    }
  });

  test(`${swap}: a version waits for one that is created meanwhile`, async () => {
    const { host, models, opening, resolve } = await startSlowly(swap);
    const changing = host.change({ model: 2 });
    await turn();
    resolve();
    const resource = await opening;
    await changing;
    assert.equal(await resource.use(({ part }) => part), 2);
    await turn();
    assert.equal(models.open, 1);
  });

  test(`${swap}: one that cannot be created rejects, and leaves nothing`, async () => {
    const host = new TestHost<Value>({ model: 1 });
    const select = ({ model }: Value) => model;
    const open = () => Promise.reject(new Error('no such model'));
    await assert.rejects(openResource({ select, open, swap }, host), /no such model/);
    assert.equal(host.participants.size, 0);
    const models = new TestModels();
    const check = () => Promise.reject(new Error('too large'));
    const { load, release } = models;
    await assert.rejects(
      openResource({ select, open: load, close: release, check, swap }, host),
      /too large/,
    );
    assert.deepEqual([host.participants.size, models.open], [0, 0]);
  });

  test(`${swap}: one that is closed while it is created rejects with the reason`, async () => {
    const { host, models, opening, resolve } = await startSlowly(swap);
    const closing = host.close(new Error('closed early'));
    await assert.rejects(opening, /closed early/);
    resolve();
    await closing;
    assert.deepEqual([models.parts, models.open], [[1], 0]);
  });

  test(`${swap}: close waits for users, and later ones get the reason`, async () => {
    const { host, models, resource } = await setUp({ swap });
    const { promise, resolve } = Promise.withResolvers<void>();
    const using = resource.use(async (opened) => {
      await promise;
      return opened.isOpen;
    });
    const closing = host.close(new Error('it is over'));
    await assert.rejects(
      resource.use(() => 1),
      /it is over/,
    );
    await assert.rejects(resource.acquire(), /it is over/);
    assert.deepEqual(resource.stats(), { open: 1, inUse: 1, draining: 1 });
    resolve();
    assert.equal(await using, true);
    await closing;
    assert.deepEqual(resource.stats(), { open: 0, inUse: 0, draining: 0 });
    assert.equal(models.open, 0);
  });
}

test('a user has the same one from start to end, while others get the new one', async () => {
  const { host, models, resource, part } = await setUp();
  const { promise, resolve } = Promise.withResolvers<void>();
  const using = resource.use(async (opened) => {
    await promise;
    return opened;
  });
  await host.change({ model: 2 });
  assert.equal(await part(), 2);
  assert.deepEqual(resource.stats(), { open: 2, inUse: 1, draining: 1 });
  assert.equal(models.open, 2);
  resolve();
  assert.equal((await using).part, 1);
  await turn();
  assert.equal(models.open, 1);
});

test('it changes in the same step as the value', async () => {
  const { host, part } = await setUp();
  await host.prepare({ model: 2 });
  const before = part();
  host.commit();
  const after = part();
  assert.deepEqual(await Promise.all([before, after]), [1, 2]);
});

test('a user that throws has left', async () => {
  const { resource } = await setUp();
  const failing = () => {
    throw new Error('bad input');
  };
  await assert.rejects(resource.use(failing), /bad input/);
  await assert.rejects(
    resource.use(async () => failing()),
    /bad input/,
  );
  assert.equal(resource.stats().inUse, 0);
});

test('a lease is released once, also at the end of its block', async () => {
  const { resource } = await setUp();
  {
    using lease = await resource.acquire();
    using other = await resource.acquire();
    assert.equal(other.value, lease.value);
    lease.release();
    lease.release();
    assert.equal(resource.stats().inUse, 1);
  }
  assert.equal(resource.stats().inUse, 0);
});

test('the signal of acquire ends the waiting', async () => {
  const { host, resource } = await setUp({ swap: 'replace' });
  await host.prepare({ model: 2 });
  const controller = new AbortController();
  const waiting = resource.acquire({ signal: controller.signal });
  controller.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  await assert.rejects(resource.acquire({ signal: controller.signal }), /gone/);
  host.commit();
  assert.equal(resource.stats().inUse, 0);
});

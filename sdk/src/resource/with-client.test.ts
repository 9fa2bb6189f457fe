import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connectToMemory, json } from '../client/memory-provider.testing.ts';
import type { Config } from '../config.ts';
import { Secret } from '../values/secret.ts';
import { TestModels } from './opened.testing.ts';

function openModel(config: Config<{ n: number }>, options: { swap?: 'beside' | 'replace' } = {}) {
  const models = new TestModels();
  const { load, release } = models;
  const select = ({ n }: { n: number }) => n;
  return config
    .resource({ select, open: load, close: release, ...options })
    .then((resource) => ({ models, resource, part: () => resource.use(({ part }) => part) }));
}

test('P1 a resource and the values of all views change in one step', async () => {
  const { config, provider } = await connectToMemory();
  const other = await config.view({ file: 'b.json' });
  const { part } = await openModel(config);
  let seen: Promise<number> | undefined;
  config.onChange(() => {
    seen = part();
  });
  const candidate = provider.candidate(json(2));
  assert.equal((await provider.prepare(candidate)).verdict, 'accept');
  const before = part();
  provider.subscriber?.commit(candidate.rollout);
  assert.deepEqual([config.current, other.current], [{ n: 2 }, { n: 2 }]);
  assert.deepEqual([await before, await part(), await seen], [1, 2, 2]);
  await config.close();
});

test('P1 what a hook does at its commit has the resource of that version', async () => {
  const { config, provider } = await connectToMemory();
  const resource = await config.resource({ select: ({ n }) => n, open: (n) => n });
  let seen: readonly number[] = [];
  const use = () =>
    resource.use((opened) => {
      seen = [config.current.n, opened];
    });
  config.prepare(() => ({ commit: () => void use() }));
  await provider.push(json(2));
  assert.deepEqual(seen, [2, 2]);
  await config.close();
});

test('a resource that cannot be opened vetoes the version, after the hooks of its view', async () => {
  const { config, provider } = await connectToMemory();
  const calls: string[] = [];
  const resource = await config.resource({
    select: ({ n }) => n,
    open: (n) => {
      calls.push(`open ${n}`);
      if (n === 2) throw new Error('no such model');
      return n;
    },
  });
  config.prepare(({ n }) => void calls.push(`prepare ${n}`));
  const answer = await provider.push(json(2));
  assert.deepEqual(answer, { verdict: 'reject', reasons: ['no such model'] });
  assert.deepEqual(calls, ['open 1', 'prepare 2', 'open 2']);
  assert.deepEqual([config.current, config.state.status], [{ n: 1 }, 'degraded']);
  assert.equal(await resource.use((n) => n), 1);
  await config.close();
});

test('a resource that is opened while a version is on its way ends on the active one', async () => {
  for (const swap of ['beside', 'replace'] as const) {
    const { config, provider } = await connectToMemory();
    const candidate = provider.candidate(json(2));
    await provider.prepare(candidate);
    const opening = openModel(config, { swap });
    provider.subscriber?.commit(candidate.rollout);
    const { part } = await opening;
    assert.equal(await part(), 2);

    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = config.prepare(() => promise);
    const pushing = provider.push(json(3));
    const another = openModel(config, { swap });
    resolve();
    assert.equal((await pushing).verdict, 'accept');
    assert.equal(await (await another).part(), 3);
    assert.equal(await part(), 3);
    stop();
    await config.close();
  }
});

test('the options of a resource may be an instance of a class', async () => {
  class Models {
    readonly calls = new Set<string>();
    readonly swap: 'beside' | 'replace';
    constructor(swap: 'beside' | 'replace') {
      this.swap = swap;
    }
    select({ n }: { n: number }) {
      this.calls.add('select');
      return n;
    }
    open(part: number) {
      this.calls.add('open');
      return part;
    }
    check() {
      this.calls.add('check');
    }
    close() {
      this.calls.add('close');
    }
  }
  for (const swap of ['beside', 'replace'] as const) {
    const { config, provider } = await connectToMemory();
    const models = new Models(swap);
    await config.resource(models);
    assert.equal((await provider.push(json(2))).verdict, 'accept');
    await config.close();
    assert.deepEqual([...models.calls].sort(), ['check', 'close', 'open', 'select']);
  }
});

test('a secret that changes opens the resource again', async () => {
  const { config, provider } = await connectToMemory();
  const closed: string[] = [];
  const pool = await config.resource({
    select: ({ n }) => ({ user: 'app', password: new Secret(String(n)) }),
    open: ({ user, password }) => ({ url: `${user}:${password.reveal()}` }),
    close: ({ url }) => void closed.push(url),
  });
  await provider.push({ ...json(1), 'b.json': '{"n":5}' });
  assert.equal(await pool.use(({ url }) => url), 'app:1');
  await provider.push(json(2));
  assert.equal(await pool.use(({ url }) => url), 'app:2');
  assert.deepEqual(closed, ['app:1']);
  await config.close();
});

test('state says why a resource is away, and that it is there again', async () => {
  const { config, provider } = await connectToMemory();
  let isBroken = false;
  const resource = await config.resource({
    select: ({ n }) => n,
    open: (n) => {
      if (isBroken) throw new Error('device lost');
      return n;
    },
    swap: 'replace',
  });
  isBroken = true;
  await provider.push(json(2));
  isBroken = false;
  await provider.push({ ...json(1), 'b.json': '{"n":5}' });
  assert.deepEqual([config.state.status, config.state.reason], ['degraded', 'device lost']);
  await provider.push(json(3));
  assert.equal(config.state.status, 'ok');
  assert.equal(await resource.use((n) => n), 3);
  await config.close();
});

test('an open that throws what cannot be shown hurts nothing', async () => {
  const { config, provider } = await connectToMemory();
  let isBroken = false;
  const open = (n: number) => {
    if (isBroken) throw Object.create(null);
    return n;
  };
  const resource = await config.resource({ select: ({ n }) => n, open, swap: 'replace' });
  isBroken = true;
  await provider.push(json(2));
  await provider.push({ ...json(1), 'b.json': '{"n":5}' });
  assert.equal(config.state.reason, 'an error that cannot be shown');
  isBroken = false;
  await provider.push(json(3));
  assert.equal(await resource.use((opened) => opened), 3);
  await config.close();
});

test('P1 who hears that a resource is there again has all of that version', async () => {
  const { config, provider } = await connectToMemory();
  let isBroken = false;
  const select = ({ n }: { n: number }) => n;
  const open = (n: number) => {
    if (isBroken) throw new Error('device lost');
    return n;
  };
  const one = await config.resource({ select, open, swap: 'replace' });
  const two = await config.resource({ select, open: (n) => n });
  isBroken = true;
  await provider.push(json(2));
  const seen: number[] = [];
  const use = (n: number) => void seen.push(n);
  config.onState(({ status }) => {
    if (status !== 'ok') return;
    seen.push(config.current.n);
    void one.use(use);
    void two.use(use);
  });
  await provider.push({ ...json(1), 'b.json': '{"n":5}' });
  isBroken = false;
  await provider.push(json(3));
  await new Promise(setImmediate);
  assert.deepEqual(seen, [3, 3, 3]);
  await config.close();
});

test('after close, resources are closed, and users get LG_SDK_CLOSED', async () => {
  const { config } = await connectToMemory();
  const { models, resource, part } = await openModel(config);
  await config.close();
  assert.equal(models.open, 0);
  const closed = { name: 'ConfigError', code: 'LG_SDK_CLOSED' };
  await assert.rejects(part(), closed);
  await assert.rejects(resource.acquire(), closed);
  await assert.rejects(openModel(config), closed);
});

const SET_UP = `
  import { connectToMemory, json } from './sdk/src/client/memory-provider.testing.ts';
  const { config, provider } = await connectToMemory();
  const close = () => console.log('closed');
  const open = (swap, drainMs) =>
    config.resource({ select: ({ n }) => n, open: (n) => n, close, swap, drainMs });
`;

/** Rejects if it does not end by itself, or not well. */
async function runApp(code: string): Promise<string> {
  const args = ['--input-type=module-typescript', '--eval', `${SET_UP}${code}`];
  const cwd = new URL('../../..', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 60_000 });
  return stdout;
}

test('an app ends by itself while a resource is drained and users wait', async () => {
  const code = `
    const beside = await open('beside', 3_600_000);
    const replace = await open('replace', 3_600_000);
    await Promise.all([beside.acquire(), replace.acquire()]);
    void provider.push(json(2)).then(() => console.log('never'));
    setImmediate(() => void replace.use(() => console.log('never')));
  `;
  assert.equal(await runApp(code), '');
});

test('an app that waits for close sees all closed, even with a lease that nothing releases', async () => {
  const code = `
    await (await open('beside', 10)).acquire();
    await config.close();
    console.log('end');
  `;
  assert.equal(await runApp(code), 'closed\nend\n');
});

test('an app may exit in the middle of a rollout', async () => {
  for (const place of ['config.prepare(() => process.exit());', 'exitAtOpen = true;']) {
    const code = `
      let exitAtOpen = false;
      const load = () => exitAtOpen && process.exit();
      await config.resource({ select: ({ n }) => n, open: load });
      config.onChange(() => console.log('never'));
      process.on('exit', () => console.log('n is', config.current.n));
      ${place}
      await provider.push(json(2));
    `;
    assert.equal(await runApp(code), 'n is 1\n');
  }
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectToMemory, json } from './memory-provider.testing.ts';

test('P1 all that a run reads is of one version, whatever is committed meanwhile', async () => {
  const { config, provider } = await connectToMemory();
  const view = await config.view<undefined>({ file: 'b.json' });
  const { version } = config;
  const seen = config.run(async () => {
    await provider.push(json(2));
    await turn();
    assert.deepEqual([config.current, view.current], [{ n: 1 }, { n: 1 }]);
    assert.deepEqual([config.version, view.version], [version, version]);
    assert.equal(config.snapshot().text('a.json'), '{"n":1}');
    // A run in a run reads the same version.
    return config.run(() => config.current.n);
  });
  await turn();
  assert.equal(config.current.n, 2);
  assert.equal(await seen, 1);
  await config.close();
});

test('a listener and a hook read the active version, even if a run causes the change', async () => {
  const { config, provider } = await connectToMemory();
  const calls: number[] = [];
  config.prepare((_, { previous }) => void calls.push(config.current.n - previous.n));
  config.onChange(async () => {
    calls.push(config.current.n);
    await turn();
    calls.push(config.current.n);
  });
  // The second change comes while the listener is busy with the first one.
  await config.run(async () => {
    await provider.push(json(2));
    await provider.push(json(3));
  });
  await turn();
  await turn();
  assert.deepEqual(calls, [0, 2, 0, 3, 3, 3]);
  await config.close();
});

test('a run that throws or rejects ends, and what it left running reads the active version', async () => {
  const { config, provider } = await connectToMemory();
  const left = Promise.withResolvers<void>();
  let late = Promise.resolve(0);
  config.run(() => {
    late = left.promise.then(() => config.current.n);
  });
  assert.throws(() =>
    config.run(() => {
      throw new Error('a bug');
    }),
  );
  await assert.rejects(config.run(() => Promise.reject(new Error('a bug'))));
  await config.run(async () => {
    await provider.push(json(2));
    left.resolve();
    assert.deepEqual([config.current.n, await late], [1, 2]);
  });
  assert.equal(config.current.n, 2);
  await config.close();
});

test('a rejection that no code handles is noticed as without a run', async () => {
  const program = `
    import { Pins } from '${import.meta.resolve('./pins.ts')}';
    new Pins().run('v1', async () => { throw new Error('a bug'); });`;
  const ended = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  await assert.rejects(ended, /Error: a bug/);
});

test('a thenable that a run returns is not started', async () => {
  const { config } = await connectToMemory();
  let queries = 0;
  // biome-ignore lint/suspicious/noThenProperty: a query builder sends its query in `then`
  const query = { then: () => (queries += 1) };
  assert.equal(
    config.run(() => query),
    query,
  );
  assert.equal(queries, 0);
  await config.close();
});

test('a subscriber inside of a run misses no change', async () => {
  const { config, provider } = await connectToMemory();
  const calls: number[][] = [];
  await config.run(async () => {
    await provider.push(json(2));
    config.onChange((next, previous) => void calls.push([previous.n, next.n]));
    const { value } = await config.changes().next();
    assert.deepEqual([value.previousValue.n, value.next.n], [1, 2]);
  });
  assert.deepEqual(calls, [[1, 2]]);
  await config.close();
});

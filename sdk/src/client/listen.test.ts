import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, ChangeOf } from '../config.ts';
import { connectToMemory, json } from './memory-provider.testing.ts';

test('a listener gets both values and the paths that changed', async () => {
  const { config, provider } = await connectToMemory<{ n: object }>({}, json({ a: 1, b: [1] }));
  const calls: unknown[] = [];
  const before = config.version;
  config.onChange((next, previous, change) => {
    assert.equal(config.current, next);
    calls.push([next.n, previous.n, change]);
  });
  await provider.push(json({ b: [2, 3], c: {} }));
  const change = {
    version: config.version,
    previous: before,
    added: ['/n/b/1', '/n/c'],
    removed: ['/n/a'],
    changed: ['/n/b/0'],
  };
  assert.deepEqual(calls, [[{ b: [2, 3], c: {} }, { a: 1, b: [1] }, change]]);
  await config.close();
});

test('with select, only a change of that part calls the listener', async () => {
  const { config, provider } = await connectToMemory<{ n: { a: number; b: number[] } }>(
    {},
    json({ a: 1, b: [1] }),
  );
  const calls: number[] = [];
  config.onChange((next) => void calls.push(next.n.a), { select: (value) => value.n.b });
  await provider.push(json({ a: 2, b: [1] }));
  await provider.push(json({ a: 3, b: [2] }));
  assert.deepEqual(calls, [3]);
  await config.close();
});

test('listeners are called in order, in the turn of the commit, and one that throws hurts no other', async (t) => {
  const { config, provider } = await connectToMemory();
  const warnings = t.mock.method(process, 'emitWarning', () => {});
  const calls: string[] = [];
  config.onChange(() => void calls.push('first'));
  config.onChange(() => {
    throw new Error('a bug');
  });
  config.onChange(() => Promise.reject(new Error('a later bug')));
  config.onChange(() => void calls.push('not called'), { select: () => JSON.parse('{') });
  const stop = config.onChange(() => void calls.push('not called'));
  config.onChange(() => void calls.push('last'));
  stop();
  stop();
  const candidate = provider.candidate(json(2));
  await provider.prepare(candidate);
  provider.subscriber?.commit(candidate.rollout);
  assert.deepEqual(calls, ['first', 'last']);
  await provider.push(json(3));
  assert.deepEqual(calls, ['first', 'last', 'first', 'last']);
  await new Promise(setImmediate);
  assert.equal(warnings.mock.callCount(), 6);
  await config.close();
});

test('an asynchronous listener is called one at a time, gets the newest, and holds up no other', async () => {
  const { config, provider } = await connectToMemory();
  const gate = Promise.withResolvers<void>();
  const slow: string[] = [];
  const quick: number[] = [];
  config.onChange(async (next, previous, change) => {
    slow.push(`${previous.n} to ${next.n}`);
    assert.notEqual(change.version, change.previous);
    await gate.promise;
    slow.push(`done with ${next.n}`);
  });
  config.onChange((next) => void quick.push(next.n));
  for (const n of [2, 3, 4]) await provider.push(json(n));
  assert.deepEqual([slow, quick], [['1 to 2'], [2, 3, 4]]);
  gate.resolve();
  await new Promise(setImmediate);
  assert.deepEqual(slow, ['1 to 2', 'done with 2', '2 to 4', 'done with 4']);
  await config.close();
});

test('a slow listener is not called if the value is as before again', async () => {
  const { config, provider } = await connectToMemory();
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  config.onChange(() => {
    calls += 1;
    return gate.promise;
  });
  for (const n of [2, 3, 2]) await provider.push(json(n));
  gate.resolve();
  await new Promise(setImmediate);
  assert.equal(calls, 1);
  await config.close();
});

test('a change is compared once for all its readers, who cannot change the result', async () => {
  let comparisons = 0;
  class Model {
    equals() {
      comparisons += 1;
      return false;
    }
  }
  const validate = () => ({ value: { model: new Model() } });
  const schema = { '~standard': { version: 1, vendor: 'test', validate } } as const;
  const { config, provider } = await connectToMemory();
  const view = await config.view({ file: 'b.json', schema });
  const changes: Change[] = [];
  for (let index = 0; index < 3; index += 1)
    view.onChange((_next, _previous, change) => void changes.push(change));
  await provider.push(json(2));
  assert.deepEqual([comparisons, changes.length], [1, 3]);
  assert.ok(changes.every(({ changed }) => Object.isFrozen(changed)));
  await config.close();
});

test('the iterator has each change, and the newest for a slow reader', async () => {
  const { config, provider } = await connectToMemory();
  const changes = config.changes();
  const waiting = changes.next();
  await provider.push(json(2));
  assert.deepEqual(numbersOf((await waiting).value), [1, 2]);
  await provider.push(json(3));
  await provider.push(json(4));
  assert.deepEqual(numbersOf((await changes.next()).value), [2, 4]);
  const last = changes.next();
  await config.close();
  assert.deepEqual(await last, { done: true, value: undefined });
  assert.deepEqual(await changes.next(), { done: true, value: undefined });
});

test('the iterator ends with its signal, with return while it waits, and with break', async () => {
  const { config, provider } = await connectToMemory();
  const control = new AbortController();
  const bySignal = config.changes({ signal: control.signal }).next();
  control.abort();
  assert.equal((await bySignal).done, true);
  assert.equal((await config.changes({ signal: control.signal }).next()).done, true);

  const changes = config.changes();
  const waiting = changes.next();
  await changes.return?.();
  assert.equal((await waiting).done, true);

  const looped = (async () => {
    for await (const { next } of config.changes()) return next.n;
    return undefined;
  })();
  await provider.push(json(2));
  assert.equal(await looped, 2);
  await config.close();
});

function numbersOf(change: ChangeOf<{ n: number }>): readonly number[] {
  return [change.previousValue.n, change.next.n];
}

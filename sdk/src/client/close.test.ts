import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectToMemory, json } from './memory-provider.testing.ts';

test('close keeps the last value, calls nothing after it, and twice is harmless', async () => {
  const { config, provider } = await connectToMemory();
  const view = await config.view({ file: 'b.json' });
  config.onChange(() => assert.fail('called'));
  config.onState(() => assert.fail('called'));
  config.prepare(() => assert.fail('called'));
  const closing = config.close();
  assert.equal(config.close(), closing);
  await closing;
  await config[Symbol.asyncDispose]();
  assert.equal(provider.closed, 1);

  assert.equal((await provider.push(json(2))).verdict, 'reject');
  provider.subscriber?.report({ status: 'disconnected', reason: 'gone' });
  assert.deepEqual([config.current, view.current], [{ n: 1 }, { n: 1 }]);
  assert.equal(config.state.status, 'ok');
  config.onChange(() => assert.fail('called'))();
  await assert.rejects(config.view({ file: 'b.json' }), { code: 'LG_SDK_CLOSED' });
});

test('close in preparation aborts it, and lets go of what comes late', async () => {
  const { config, provider } = await connectToMemory();
  const late = Promise.withResolvers<{ abort: () => void }>();
  const calls: string[] = [];
  config.prepare(() => ({ abort: () => calls.push('abort'), commit: () => assert.fail('called') }));
  config.prepare(() => late.promise);
  const answer = provider.push(json(2));
  await new Promise(setImmediate);
  const closing = config.close();
  assert.deepEqual(calls, ['abort']);
  assert.deepEqual(await answer, { verdict: 'reject', reasons: ['the app has closed the bundle'] });
  late.resolve({ abort: () => calls.push('late') });
  await closing;
  await new Promise(setImmediate);
  assert.deepEqual([calls, config.current], [['abort', 'late'], { n: 1 }]);
});

test('a prepared version is not committed after close', async () => {
  const { config, provider } = await connectToMemory();
  const candidate = provider.candidate(json(2));
  await provider.prepare(candidate);
  const closing = config.close();
  provider.subscriber?.commit(candidate.rollout);
  assert.deepEqual(config.current, { n: 1 });
  await closing;
});

test('a listener may close: those after it are not called, and close does not wait for it', async () => {
  const { config, provider } = await connectToMemory();
  const closed = Promise.withResolvers<void>();
  config.onChange(async () => {
    await config.close();
    closed.resolve();
  });
  config.onChange(() => assert.fail('called'));
  await provider.push(json(2));
  await closed.promise;
  assert.deepEqual(config.current, { n: 2 });
});

test('a listener that is busy at close is not called again', async () => {
  const { config, provider } = await connectToMemory();
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  config.onChange(() => {
    calls += 1;
    return gate.promise;
  });
  await provider.push(json(2));
  await provider.push(json(3));
  await config.close();
  gate.resolve();
  await new Promise(setImmediate);
  assert.equal(calls, 1);
});

test('a hook, a commit, an abort and a listener of the state may close', async () => {
  for (const place of ['hook', 'commit', 'abort', 'state'] as const) {
    const { config, provider } = await connectToMemory();
    const close = () => void config.close();
    if (place === 'hook') config.prepare(close);
    else if (place === 'state') config.onState(close);
    else config.prepare(() => ({ [place]: close }));
    config.onChange(() => assert.fail('called'));
    const candidate = provider.candidate(json(2));
    const { verdict } = await provider.prepare(candidate);
    if (place === 'abort') provider.subscriber?.abort(candidate.rollout, 'no');
    if (place === 'state') provider.subscriber?.report({ status: 'disconnected', reason: 'gone' });
    provider.subscriber?.commit(candidate.rollout);
    assert.equal(verdict, place === 'hook' ? 'reject' : 'accept');
    await config.close();
    assert.equal(config.current.n, place === 'commit' ? 2 : 1);
  }
});

test('a newer version ends with a close that the abort of the older one calls', async () => {
  const { config, provider } = await connectToMemory();
  const prepared: number[] = [];
  config.prepare(({ n }) => {
    prepared.push(n);
    return { abort: () => void config.close() };
  });
  await provider.prepare(provider.candidate(json(2)));
  assert.equal((await provider.push(json(3))).verdict, 'reject');
  assert.deepEqual([prepared, config.current], [[2], { n: 1 }]);
});

test('a provider that fails to close does not make close reject', async (t) => {
  const { config, provider } = await connectToMemory();
  const warnings = t.mock.method(process, 'emitWarning', () => {});
  provider.close = () => Promise.reject(new Error('busy'));
  await config.close();
  assert.equal(warnings.mock.calls[0]?.arguments[0], 'close failed: busy');
});

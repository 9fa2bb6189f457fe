import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { ConnectOptions } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import type { Answer, Provider, Subscriber } from '../provider.ts';
import { connectTo } from './connect-to.ts';
import { json, MemoryProvider, readJson } from './memory-provider.testing.ts';

/** Has no version, and says so if there is a reason. */
class EmptyProvider extends MemoryProvider {
  signal: AbortSignal | undefined;
  readonly #reason: string | undefined;

  constructor(reason?: string) {
    super({});
    this.#reason = reason;
  }

  override start(subscriber: Subscriber, signal: AbortSignal): Promise<never> {
    this.subscriber = subscriber;
    this.signal = signal;
    if (this.#reason !== undefined) subscriber.report({ status: 'degraded', reason: this.#reason });
    return new Promise(() => {});
  }
}

function connect(provider: Provider, options: ConnectOptions = {}) {
  return connectTo(provider, { file: 'a.json', ...options }, readJson);
}

test('connect gives up after its timeout with the reason that the provider has, and closes it', async () => {
  const silent = new EmptyProvider();
  await assert.rejects(connect(silent, { timeoutMs: 1 }), {
    name: 'ConfigError',
    code: 'LG_SDK_TIMEOUT',
    message: 'no good version within 1 ms',
  });
  assert.deepEqual([silent.closed, silent.signal?.aborted], [1, true]);

  const missing = new EmptyProvider('the volume ./config does not exist');
  await assert.rejects(connect(missing, { timeoutMs: 1 }), {
    message: 'no good version within 1 ms: the volume ./config does not exist',
  });

  const slow = connectTo(new MemoryProvider(json({ n: 1 })), { timeoutMs: 1 }, () => {
    return new Promise(() => {});
  });
  await assert.rejects(slow, {
    message: 'no good version within 1 ms: the schema has not answered',
  });
});

test('the signal of connect ends the waiting, at once if it is aborted before', async () => {
  const provider = new EmptyProvider();
  const control = new AbortController();
  const connecting = connect(provider, { signal: control.signal });
  const reason = new Error('shutting down');
  control.abort(reason);
  for (const waiting of [connecting, connect(provider, { signal: control.signal })])
    await assert.rejects(waiting, { code: 'LG_SDK_ABORTED', cause: reason });
  const unused = new MemoryProvider(json(1));
  await assert.rejects(connect(unused, { signal: control.signal }));
  assert.equal(unused.subscriber, undefined);
});

test('the signal ends the waiting, not the connection', async () => {
  const provider = new MemoryProvider(json(1));
  const control = new AbortController();
  const config = await connect(provider, { signal: control.signal, timeoutMs: Infinity });
  assert.equal(getEventListeners(control.signal, 'abort').length, 0);
  control.abort();
  assert.equal((await provider.push(json(2))).verdict, 'accept');
  await config.close();
});

test('a first version that the app cannot use rejects with every finding', async () => {
  const provider = new MemoryProvider({ 'b.json': '{}' });
  await assert.rejects(connect(provider), (error) => {
    assert.ok(error instanceof ConfigError && error instanceof LastgoodError);
    assert.equal(error.code, 'LG_SDK_INVALID');
    assert.equal(error.findings[0]?.message, 'cannot be read: no a.json');
    assert.match(error.message, /cannot be used:\n {2}cannot be read: no a\.json \[LG_INPUT/);
    return true;
  });
  assert.equal(provider.closed, 1);
});

test('whatever the provider rejects with is a ConfigError with its finding', async () => {
  const provider = new MemoryProvider({});
  const cause = new LastgoodError('LG_CAPTURE_MISSING', ['./config']);
  provider.start = () => Promise.reject(cause);
  await assert.rejects(connect(provider), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.deepEqual([error.cause, error.findings[0]?.code], [cause, 'LG_CAPTURE_MISSING']);
    return true;
  });
  provider.start = () => {
    throw new Error('a bug');
  };
  await assert.rejects(connect(provider), { code: 'LG_SDK_INVALID' });
});

/** Pushes a version while the first one is loaded. */
async function pushEarly(provider: MemoryProvider) {
  const gate = Promise.withResolvers<void>();
  const connecting = connectTo(provider, { file: 'a.json' }, async (...args) => {
    await gate.promise;
    return readJson(...args);
  });
  await new Promise(setImmediate);
  const pushing = provider.push(json(2));
  gate.resolve();
  return { connecting, pushing };
}

test('a candidate that comes before the first version is loaded waits for it', async () => {
  const provider = new MemoryProvider(json(1));
  const { connecting, pushing } = await pushEarly(provider);
  const config = await connecting;
  assert.deepEqual(config.current, { n: 1 });
  assert.equal((await pushing).verdict, 'accept');
  assert.deepEqual(config.current, { n: 2 });
  await config.close();
});

test('a candidate of a connection that fails is refused', async () => {
  const provider = new MemoryProvider({});
  const { connecting, pushing } = await pushEarly(provider);
  await assert.rejects(connecting);
  assert.equal((await pushing).verdict, 'reject');
});

/** Keeps whether the app could start. */
class StartedProvider extends MemoryProvider {
  readonly answers: Answer[] = [];

  started(answer: Answer): void {
    this.answers.push(answer);
  }
}

test('the provider learns that the app runs on the first version, or why it cannot', async () => {
  const good = new StartedProvider(json(1));
  const config = await connect(good);
  assert.deepEqual(good.answers, [{ verdict: 'accept' }]);
  await config.view({ file: 'b.json' });
  await config.close();
  assert.equal(good.answers.length, 1);

  const bad = new StartedProvider(json(1));
  await assert.rejects(connect(bad, { file: 'c.json' }), { code: 'LG_SDK_INVALID' });
  assert.deepEqual(bad.answers, [
    { verdict: 'reject', reasons: ['cannot be read: no c.json [LG_INPUT_UNREADABLE]'] },
  ]);

  const slow = new StartedProvider(json(1));
  const never = () => new Promise<never>(() => {});
  await assert.rejects(connectTo(slow, { timeoutMs: 1 }, never), { code: 'LG_SDK_TIMEOUT' });
  assert.deepEqual(slow.answers, []);
});

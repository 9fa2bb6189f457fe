import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectToMemory, json } from './memory-provider.testing.ts';

const REASON = 'no such model';

function refuse(): never {
  throw new Error(REASON);
}

test('a value is there at once, frozen, and changes with a commit', async () => {
  const { config, provider } = await connectToMemory();
  assert.deepEqual(config.current, { n: 1 });
  assert.ok(Object.isFrozen(config.current));
  const { version } = config;
  assert.deepEqual(await provider.push(json(2)), { verdict: 'accept' });
  assert.deepEqual(config.current, { n: 2 });
  assert.notEqual(config.version, version);
  await config.close();
});

test('P4 nothing changes between prepare and commit, and an abort lets go', async () => {
  const { config, provider } = await connectToMemory();
  const calls: string[] = [];
  config.onChange(() => void calls.push('changed'));
  config.prepare(() => ({ commit: () => calls.push('commit'), abort: () => calls.push('abort') }));
  const candidate = provider.candidate(json(2));
  assert.equal((await provider.prepare(candidate)).verdict, 'accept');
  assert.deepEqual(config.current, { n: 1 });
  provider.subscriber?.abort(candidate.rollout, 'another app refused it');
  provider.subscriber?.commit(candidate.rollout);
  assert.deepEqual([config.current, calls], [{ n: 1 }, ['abort']]);
  assert.equal(config.state.status, 'ok');
  await config.close();
});

test('a hook that throws rejects the version, and what others prepared is let go, the last first', async () => {
  const { config, provider } = await connectToMemory();
  const calls: string[] = [];
  config.prepare(() => ({ abort: () => calls.push('first') }));
  config.prepare(async () => ({ abort: () => calls.push('second') }));
  const stop = config.prepare(refuse);
  config.prepare(() => void calls.push('not reached'));
  const answer = await provider.push(json(2));
  assert.deepEqual(answer, { verdict: 'reject', reasons: [REASON] });
  assert.deepEqual(calls, ['second', 'first']);
  assert.deepEqual(config.current, { n: 1 });
  const { status, reason, rejected } = config.state;
  assert.deepEqual([status, reason, rejected?.reasons], ['degraded', REASON, [REASON]]);

  stop();
  assert.equal((await provider.push(json(3))).verdict, 'accept');
  assert.deepEqual([config.current, config.state.status], [{ n: 3 }, 'ok']);
  await config.close();
});

test('content that a view cannot read is rejected, with every finding, and no hook is called', async () => {
  const { config, provider } = await connectToMemory();
  await config.view({ file: 'b.json' });
  config.prepare(() => assert.fail('called'));
  const { verdict, ...rest } = await provider.push({ 'c.json': '1' });
  assert.equal(verdict, 'reject');
  assert.match(JSON.stringify(rest), /no a\.json.*no b\.json/);
  const answer = await provider.push({ 'a.json': '{' });
  assert.equal(answer.verdict, 'reject');
  await config.close();
});

test('a hook gets the value before, the version and the rollout', async () => {
  const { config, provider } = await connectToMemory();
  const candidate = provider.candidate(json(2));
  config.prepare((next, { previous, version, rollout, signal }) => {
    assert.deepEqual([next, previous, rollout], [{ n: 2 }, { n: 1 }, candidate.rollout]);
    assert.equal(version, candidate.version);
    assert.equal(signal.aborted, false);
  });
  assert.equal((await provider.prepare(candidate)).verdict, 'accept');
  await config.close();
});

test('a newer candidate aborts the one in preparation, whose late result is let go', async () => {
  const { config, provider } = await connectToMemory();
  const late = Promise.withResolvers<{ abort: () => void }>();
  const letGo = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  const stop = config.prepare((_, context) => {
    signal = context.signal;
    return late.promise;
  });
  const first = provider.push(json(2));
  await new Promise(setImmediate);
  stop();
  const second = provider.push(json(3));
  assert.deepEqual(await first, { verdict: 'reject', reasons: ['a newer version has come'] });
  assert.equal((await second).verdict, 'accept');
  assert.ok(signal?.aborted);
  assert.deepEqual(config.current, { n: 3 });
  late.resolve({ abort: letGo.resolve });
  await letGo.promise;
  assert.deepEqual([config.current, config.state.status], [{ n: 3 }, 'ok']);
  await config.close();
});

test('P4 a version that the provider aborts after the answer is not committed', async () => {
  const { config, provider } = await connectToMemory();
  const aborted: number[] = [];
  config.prepare(({ n }) => ({ abort: () => aborted.push(n) }));
  const control = new AbortController();
  const candidate = provider.candidate(json(2));
  assert.equal((await provider.prepare(candidate, control.signal)).verdict, 'accept');
  control.abort();
  provider.subscriber?.commit(candidate.rollout);
  assert.deepEqual([config.current.n, aborted], [1, [2]]);
  await config.close();
});

test('the signal of the provider gives a candidate up, and a late throw hurts nothing', async () => {
  const { config, provider } = await connectToMemory();
  const late = Promise.withResolvers<never>();
  config.prepare(() => late.promise);
  const control = new AbortController();
  const answer = provider.prepare(provider.candidate(json(2)), control.signal);
  await new Promise(setImmediate);
  control.abort(new Error('the sidecar has gone'));
  assert.deepEqual(await answer, { verdict: 'reject', reasons: ['the sidecar has gone'] });
  late.reject(new Error('late'));
  await new Promise(setImmediate);
  assert.equal(config.state.status, 'ok');
  await config.close();
});

test('a hook that never returns rejects the version after the timeout', async () => {
  const { config, provider } = await connectToMemory({ prepareTimeoutMs: 1 });
  config.prepare(() => new Promise(() => {}));
  // The timer of the client does not keep the process alive.
  const alive = setTimeout(() => {}, 60_000);
  const answer = await provider.push(json(2));
  clearTimeout(alive);
  assert.deepEqual(answer, {
    verdict: 'reject',
    reasons: ['the app did not prepare it within 1 ms'],
  });
  assert.equal(config.state.status, 'degraded');
  await config.close();
});

test('a hook that waits for a resource, which waits for the hook, has an end', async () => {
  const { config, provider } = await connectToMemory({ prepareTimeoutMs: 20 });
  const alive = setTimeout(() => {}, 60_000);
  const open = ({ n }: { n: number }) => n;
  let opening: Promise<unknown> | undefined;
  const stop = config.prepare(async () => {
    opening = config.resource({ select: (value) => value, open });
    await opening;
  });
  assert.equal((await provider.push(json(2))).verdict, 'reject');
  await opening;
  clearTimeout(alive);
  stop();
  assert.equal((await provider.push(json(3))).verdict, 'accept');
  await config.close();
});

test('the same version again calls nothing, and makes a degraded state ok', async () => {
  const { config, provider } = await connectToMemory();
  await provider.push({ 'a.json': '{' });
  assert.equal(config.state.status, 'degraded');
  config.prepare(() => assert.fail('called'));
  config.onChange(() => assert.fail('called'));
  const { current } = config;
  assert.equal((await provider.push(json(1))).verdict, 'accept');
  assert.equal(config.current, current);
  assert.equal(config.state.status, 'ok');
  await config.close();
});

test('a part that needs a restart is answered so, after the vetoes, and changes nothing', async () => {
  const { config, provider } = await connectToMemory<{ n: { port: number; x: number } }>(
    {},
    json({ port: 1, x: 1 }),
  );
  const calls: string[] = [];
  config.needsRestart((value) => [value.n.port]);
  config.prepare(() => ({ abort: () => calls.push('abort') }));
  assert.equal((await provider.push(json({ port: 1, x: 2 }))).verdict, 'accept');
  const answer = await provider.push(json({ port: 2, x: 2 }));
  assert.equal(answer.verdict, 'restart');
  assert.deepEqual([config.state.status, config.current.n.port], ['pending-restart', 1]);
  assert.deepEqual(calls, ['abort']);
  // A selection that throws rejects, as it cannot tell.
  assert.equal((await provider.push({ ...json(1), 'a.json': 'null' })).verdict, 'reject');
  config.prepare(refuse);
  assert.equal((await provider.push(json({ port: 3, x: 2 }))).verdict, 'reject');
  await config.close();
});

test('after a rollback the state says so, until the next commit', async () => {
  const { config, provider } = await connectToMemory();
  await provider.push(json(2));
  await provider.push(json(1), 'rollback');
  assert.deepEqual([config.current, config.state.status], [{ n: 1 }, 'degraded']);
  await provider.push(json(3));
  assert.equal(config.state.status, 'ok');
  await config.close();
});

test('a commit that throws hurts no other one', async (t) => {
  const { config, provider } = await connectToMemory();
  const warnings = t.mock.method(process, 'emitWarning', () => {});
  let committed = 0;
  config.prepare(() => ({
    get commit(): never {
      return refuse();
    },
  }));
  config.prepare(() => ({ commit: async () => refuse() }));
  config.prepare(() => ({
    commit: () => {
      committed = config.current.n;
    },
  }));
  config.prepare(() => 5 as never);
  await provider.push(json(2));
  await new Promise(setImmediate);
  assert.deepEqual([config.current, committed], [{ n: 2 }, 2]);
  assert.deepEqual(
    warnings.mock.calls.map(({ arguments: [message] }) => message),
    Array(2).fill(`commit of prepare failed: ${REASON}`),
  );
  await config.close();
});

test('what a hook returns may be an instance of a class', async () => {
  const { config, provider } = await connectToMemory();
  class Swap {
    calls: string[] = [];
    commit() {
      this.calls.push('commit');
    }
    abort() {
      this.calls.push('abort');
    }
  }
  const swap = new Swap();
  config.prepare(() => swap);
  await provider.push(json(2));
  await provider.prepare(provider.candidate(json(3)));
  await config.close();
  assert.deepEqual(swap.calls, ['commit', 'abort']);
});

test('whatever a hook throws becomes a reason', async () => {
  const { config, provider } = await connectToMemory();
  const unshown = { toString: () => refuse() };
  for (const thrown of [
    undefined,
    null,
    '',
    Symbol('x'),
    Object.create(null),
    unshown,
    new Error(),
  ]) {
    const stop = config.prepare(() => {
      throw thrown;
    });
    const answer = await provider.push(json(2));
    assert.ok(answer.verdict === 'reject' && (answer.reasons[0] ?? '').length > 0);
    stop();
  }
  await config.close();
});

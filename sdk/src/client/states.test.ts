import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import type { State } from '../config.ts';
import { connectToMemory, json } from './memory-provider.testing.ts';
import { States } from './states.ts';

test('the state is what the provider reports; only news calls the listeners, and a new reason keeps since', async (t) => {
  const { config, provider } = await connectToMemory();
  t.mock.method(process, 'emitWarning', () => {});
  const seen: State[] = [];
  config.onState(() => {
    throw new Error('a bug');
  });
  const stop = config.onState((state) => void seen.push(state));
  const gone = { status: 'disconnected', reason: 'the sidecar is away' } as const;
  for (const report of [gone, gone, { ...gone, reason: 'still away' }, { status: 'ok' } as const])
    provider.subscriber?.report(report);
  stop();
  provider.subscriber?.report(gone);
  assert.deepEqual(
    seen.map(({ status, reason }) => [status, reason]),
    [
      ['disconnected', 'the sidecar is away'],
      ['disconnected', 'still away'],
      ['ok', undefined],
    ],
  );
  assert.equal(seen[0]?.since, seen[1]?.since);
  assert.ok(Object.isFrozen(config.state));
  assert.equal(config.state.status, 'disconnected');
  await config.close();
});

test('a listener that causes the next state leaves no other with an older one', async () => {
  const { config, provider } = await connectToMemory();
  const seen: string[] = [];
  config.onState(({ status }) => {
    if (status === 'degraded') provider.subscriber?.report({ status: 'disconnected', reason: '' });
  });
  config.onState(({ status }) => void seen.push(status));
  await provider.push({ 'a.json': '{' });
  assert.deepEqual(seen, ['disconnected']);
  await config.close();
});

test('of a version that the app has refused, the state has the reason of the app', async () => {
  const { config, provider } = await connectToMemory();
  const stop = config.prepare(() => {
    throw new Error('too many');
  });
  await provider.push(json(2));
  const { rejected: { version = 'sha256:' } = {} } = config.state;
  const reason = 'app 7 refused the version: its reason is not shown';
  const report = { status: 'degraded', reason, rejected: { version, reasons: [reason] } } as const;
  provider.subscriber?.report(report);
  assert.equal(config.state.reason, 'too many');
  assert.deepEqual(config.state.rejected?.reasons, ['too many']);

  // The same version, which another process refuses now.
  stop();
  const candidate = provider.candidate(json(2));
  await provider.prepare(candidate);
  provider.subscriber?.abort(candidate.rollout, reason);
  provider.subscriber?.report(report);
  assert.equal(config.state.reason, reason);
  assert.deepEqual(config.state.rejected?.reasons, [reason]);
  await config.close();
});

test('a fault of a resource degrades what is ok otherwise, until it is gone', async () => {
  const seen: string[] = [];
  const states = new States(({ status, reason }) => void seen.push(`${status} ${reason}`));
  const [one, two] = [{}, {}];
  states.setFault(one, 'no memory');
  states.setFault(two, 'no disk');
  await undefined;
  states.set({ status: 'disconnected', reason: 'gone' });
  states.set({ status: 'ok' });
  states.setFault(one, undefined);
  await undefined;
  states.setFault(two, undefined);
  await undefined;
  assert.deepEqual(seen, [
    'degraded no memory',
    'disconnected gone',
    'degraded no memory',
    'degraded no disk',
    'ok undefined',
  ]);
});

test('each step is an event of its channel, without a value', async () => {
  const events: [string, Record<string, unknown>][] = [];
  const names = ['prepare', 'commit', 'rollback', 'abort', 'state', 'error'];
  const record = (message: unknown, name: string | symbol) =>
    void events.push([String(name), message as Record<string, unknown>]);
  for (const name of names) subscribe(`lastgood:${name}`, record);

  const { config, provider } = await connectToMemory({ bundle: 'model' }, json('hunter1'));
  config.onChange(() => {
    throw new Error('a bug');
  });
  await provider.push(json('hunter2'));
  await provider.push({});
  await provider.push(json('hunter1'), 'rollback');
  const candidate = provider.candidate(json('hunter3'));
  await provider.prepare(candidate);
  provider.subscriber?.abort(candidate.rollout, 'another app refused it');
  await config.close();
  for (const name of names) unsubscribe(`lastgood:${name}`, record);

  assert.deepEqual(
    events.map(([name, { bundle, rollout, verdict, why }]) =>
      [name.replace('lastgood:', ''), bundle, rollout, verdict ?? why].join(' ').trim(),
    ),
    [
      'prepare model rollout-1 accept',
      'commit model rollout-1',
      'error model',
      'state model',
      'prepare model rollout-2 reject',
      'prepare model rollout-3 accept',
      'state model',
      'commit model rollout-3',
      'rollback model rollout-3',
      'error model',
      'prepare model rollout-4 accept',
      'abort model rollout-4 another app refused it',
    ],
  );
  assert.doesNotMatch(JSON.stringify(events), /hunter/);
});

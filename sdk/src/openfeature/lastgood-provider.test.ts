import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  type EventDetails,
  OpenFeature,
  ProviderEvents,
  ProviderNotReadyError,
} from '@openfeature/server-sdk';
import { DEADLINE_MS } from '../../../test/deadline.ts';
import { createTestBundle } from '../testing/index.ts';
import { LastgoodProvider } from './index.ts';

const ON_OFF = { state: 'ENABLED', variants: { on: true, off: false }, defaultVariant: 'off' };

const FLAGS = {
  $schema: 'https://flagd.dev/schema/v0/flags.json',
  flags: {
    checkout: ON_OFF,
    banner: { ...ON_OFF, variants: { a: 'hello', b: 'bye' }, defaultVariant: 'a' },
    batch: { ...ON_OFF, variants: { small: 8, large: 64 }, defaultVariant: 'small' },
    layout: { ...ON_OFF, variants: { wide: { columns: [1, 2] } }, defaultVariant: 'wide' },
    beta: { ...ON_OFF, targeting: { if: [{ $ref: 'staff' }, 'on'] } },
    odd: { ...ON_OFF, targeting: 'nothing' },
    gone: { ...ON_OFF, state: 'DISABLED' },
    none: { ...ON_OFF, defaultVariant: null },
  },
  $evaluators: { staff: { ends_with: [{ var: 'email' }, '@example.com'] } },
};

type Flags = Readonly<Record<string, unknown>>;

function fileOf(flags: Flags, evaluators: object = FLAGS.$evaluators) {
  return { 'flags.json': JSON.stringify({ ...FLAGS, flags, $evaluators: evaluators }) };
}

/** A client of OpenFeature in a separate domain, over a bundle in memory. */
async function openFlags(t: TestContext, flags: Flags = FLAGS.flags) {
  const bundle = createTestBundle({ 'app.yaml': 'a: 1', ...fileOf(flags) });
  t.after(() => bundle.close());
  const config = await bundle.connect({ file: 'app.yaml' });
  const provider = new LastgoodProvider(config, { file: 'flags.json' });
  const client = OpenFeature.getClient(t.name);
  t.after(() => OpenFeature.clearProviders());
  const set = () => OpenFeature.setProviderAndWait(t.name, provider);
  const next = (event: ProviderEvents) => {
    const { promise, resolve, reject } = Promise.withResolvers<EventDetails | undefined>();
    AbortSignal.timeout(DEADLINE_MS).onabort = () => reject(new Error(`no ${event}`));
    client.addHandler(event, resolve);
    return promise.finally(() => client.removeHandler(event, resolve));
  };
  return { bundle, config, provider, client, set, next };
}

test('flags have the value, variant and reason that OpenFeature specifies', async (t) => {
  const { client, set } = await openFlags(t);
  await set();
  const { value, variant, reason } = await client.getBooleanDetails('checkout', true);
  assert.deepEqual([value, variant, reason], [false, 'off', 'STATIC']);
  assert.equal(await client.getStringValue('banner', ''), 'hello');
  assert.equal(await client.getNumberValue('batch', 0), 8);
  assert.deepEqual(await client.getObjectValue('layout', {}), { columns: [1, 2] });

  const beta = (email: string) => client.getBooleanDetails('beta', false, { email });
  const staff = await beta('a@example.com');
  assert.deepEqual([staff.value, staff.variant, staff.reason], [true, 'on', 'TARGETING_MATCH']);
  const guest = await beta('a@example.org');
  assert.deepEqual([guest.value, guest.variant, guest.reason], [false, 'off', 'DEFAULT']);
});

test('where a flag has no answer, the default of the caller counts, with the reason', async (t) => {
  const { client, set } = await openFlags(t);
  await set();
  const answers = ['gone', 'none', 'missing', 'banner', 'odd'].map((key) =>
    client.getBooleanDetails(key, true),
  );
  const found = (await Promise.all(answers)).map(({ value, reason, errorCode }) => [
    value,
    reason,
    errorCode,
  ]);
  assert.deepEqual(found, [
    [true, 'DISABLED', undefined],
    [true, 'DEFAULT', undefined],
    [true, 'ERROR', 'FLAG_NOT_FOUND'],
    [true, 'ERROR', 'TYPE_MISMATCH'],
    [true, 'ERROR', 'GENERAL'],
  ]);
});

test('a change names the flags that it changed, also through a rule that they share', async (t) => {
  const { bundle, client, set, next } = await openFlags(t);
  await set();
  const { gone: _, ...others } = FLAGS.flags;
  const first = next(ProviderEvents.ConfigurationChanged);
  await bundle.push(
    fileOf({ ...others, checkout: { ...ON_OFF, defaultVariant: 'on' }, new: ON_OFF }),
  );
  assert.deepEqual((await first)?.flagsChanged, ['checkout', 'gone', 'new']);
  assert.equal(await client.getBooleanValue('checkout', false), true);

  const second = next(ProviderEvents.ConfigurationChanged);
  // Another version without a change of flags is not an event.
  await bundle.push({ 'app.yaml': 'a: 2' });
  await bundle.push(fileOf(FLAGS.flags, { staff: { ends_with: [{ var: 'email' }, '.org'] } }));
  const changed = (await second)?.flagsChanged;
  assert.deepEqual(changed, ['checkout', 'beta', 'new', 'gone']);
  assert.equal(await client.getBooleanValue('beta', false, { email: 'a@example.org' }), true);
});

test('P4 a file that flagd could not read is rejected with its place, and no flag changes', async (t) => {
  const { bundle, client, set } = await openFlags(t);
  await set();
  const events: unknown[] = [];
  client.addHandler(ProviderEvents.ConfigurationChanged, (details) => void events.push(details));
  const bad: readonly (readonly [string, RegExp])[] = [
    ['{}', /must have an object "flags"/],
    ['{"flags": []}', /must have an object "flags"/],
    ['{"flags":\n {"a": 1}}', /flags\.json:2:8: \/flags\/a must have variants/],
    ['{"flags": {"a": {"state": "ON", "variants": {}}}}', /\/flags\/a\/state must .* ENABLED/],
    [
      '{"flags": {"a": {"state": "ENABLED", "variants": {"on": 1}, "defaultVariant": "onn"}}}',
      /flags\.json:1:79: \/flags\/a\/defaultVariant must be one of the variants/,
    ],
    [
      '{"flags": {"a": {"state": "ENABLED", "variants": {}, "targeting": {"endswith": []}}}}',
      /\/flags\/a\/targeting has an operator or \$ref that flagd does not know/,
    ],
  ];
  for (const [text, reason] of bad) {
    const { verdict, reasons } = await bundle.push({ 'flags.json': text });
    assert.equal(verdict, 'reject', text);
    assert.match(reasons.join(), reason);
  }
  assert.equal(await client.getBooleanValue('checkout', true), false);
  assert.deepEqual(events, []);
});

test('a file in YAML has the same flags', async (t) => {
  const bundle = createTestBundle({
    'flags.yaml': 'flags:\n  a: { state: ENABLED, variants: { on: 1 }, defaultVariant: on }',
  });
  t.after(() => bundle.close());
  const config = await bundle.connect();
  const provider = new LastgoodProvider(config, { file: 'flags.yaml' });
  await OpenFeature.setProviderAndWait(t.name, provider);
  t.after(() => OpenFeature.clearProviders());
  assert.equal(await OpenFeature.getClient(t.name).getNumberValue('a', 0), 1);
});

test('the provider is stale while the app runs on an older version, and ready again after', async (t) => {
  const { bundle, client, set, next } = await openFlags(t);
  await set();
  const [stale] = await Promise.all([
    next(ProviderEvents.Stale),
    bundle.push({ 'flags.json': '{}' }),
  ]);
  assert.match(stale?.message ?? '', /^flags\.json:.*must have an object "flags"/);
  assert.equal(client.providerStatus, 'STALE');
  assert.equal(await client.getBooleanValue('checkout', true), false);
  bundle.disconnect('the sidecar is away');
  assert.equal(client.providerStatus, 'STALE');
  bundle.reconnect();
  await Promise.all([next(ProviderEvents.Ready), bundle.push(fileOf(FLAGS.flags))]);
  assert.equal(client.providerStatus, 'READY');
});

test('a provider that is set while the state is degraded is stale from the start', async (t) => {
  const { bundle, client, set, next } = await openFlags(t);
  bundle.disconnect('the sidecar is away');
  const stale = next(ProviderEvents.Stale);
  await set();
  assert.equal((await stale)?.message, 'the sidecar is away');
  assert.equal(client.providerStatus, 'STALE');
});

test('P1 in run, all flags are of one version', async (t) => {
  const { bundle, config, client, set } = await openFlags(t);
  await set();
  const read = () => client.getBooleanValue('checkout', false);
  const seen = await config.run(async () => {
    const before = await read();
    await bundle.push(fileOf({ checkout: { ...ON_OFF, defaultVariant: 'on' } }));
    return [before, await read()];
  });
  assert.deepEqual([...seen, await read()], [false, false, true]);
});

test('an app cannot change the value of a flag', async (t) => {
  const { client, set } = await openFlags(t);
  await set();
  const layout = (await client.getObjectValue('layout', {})) as { columns: number[] };
  assert.throws(() => layout.columns.push(3), TypeError);
});

test('a provider without its file does not become ready, and says why', async (t) => {
  const { config } = await openFlags(t);
  const provider = new LastgoodProvider(config, { file: 'features.json' });
  await assert.rejects(OpenFeature.setProviderAndWait(t.name, provider), /features\.json/);
  assert.equal(OpenFeature.getClient(t.name).providerStatus, 'ERROR');
});

test('after it is closed a provider says nothing more, and the connection stays open', async (t) => {
  const { bundle, config, provider, set } = await openFlags(t);
  await set();
  await OpenFeature.clearProviders();
  const events: string[] = [];
  for (const event of [ProviderEvents.ConfigurationChanged, ProviderEvents.Stale])
    provider.events.addHandler(event, () => void events.push(event));
  await bundle.push({ ...fileOf({}), 'app.yaml': 'a: 3' });
  await bundle.push({ 'app.yaml': '{' });
  assert.deepEqual([config.current, config.state.status, events], [{ a: 3 }, 'degraded', []]);
});

test('a provider answers nothing before it is initialized', async (t) => {
  const { provider } = await openFlags(t);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const answer = provider.resolveBooleanEvaluation('checkout', true, {}, logger);
  await assert.rejects(answer, ProviderNotReadyError);
});

test('rules of a file never become code', async (t) => {
  const made = t.mock.method(globalThis, 'eval');
  const { client, set } = await openFlags(t);
  await set();
  assert.equal(await client.getBooleanValue('beta', false, { email: 'a@example.com' }), true);
  assert.equal(made.mock.callCount(), 0);
});

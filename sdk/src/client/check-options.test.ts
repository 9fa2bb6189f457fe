import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectOptions, ViewOptions } from '../config.ts';
import { connectTo } from './connect-to.ts';
import { json, MemoryProvider, readJson } from './memory-provider.testing.ts';

const WRONG_VIEWS: readonly (readonly [name: string, options: object])[] = [
  ['file', { file: 5 }],
  ['file', { file: 'a.json', keys: 'db' }],
  ['keys', { keys: ['db'] }],
  ['format', { file: 'a.json', format: 'yml' }],
  ['schema', { file: 'a.json', schema: { type: 'object' } }],
  ['schema', { file: 'a.json', schema: null }],
  ['file', { file: '' }],
  ['schmea', { file: 'a.json', schmea: {} }],
];

const WRONG: typeof WRONG_VIEWS = [
  ...WRONG_VIEWS,
  ['directory', { directory: new URL('file:///config') }],
  ['socket', { socket: 8080 }],
  ['directory', { directory: '' }],
  ['socket', { directory: 'config', socket: '/run/sdk.sock' }],
  ['bundle', { bundle: {} }],
  ...['db/**', [''], ['./'], ['..'], ['/db/password'], ['../db'], [5]].map(
    (secret) => ['secret', { secret }] as const,
  ),
  ['timeoutMs', { timeoutMs: '10 s' }],
  ['prepareTimeoutMs', { prepareTimeoutMs: -1 }],
];

test('an option that cannot be used is named, before anything starts', async () => {
  for (const [name, options] of WRONG) {
    const provider = new MemoryProvider(json({ n: 1 }));
    await assert.rejects(connectTo(provider, options as ConnectOptions, readJson), {
      code: 'LG_SDK_OPTION',
      message: new RegExp(`^the option ${name} must be `),
    });
    assert.equal(provider.subscriber, undefined);
  }
});

test('a view refuses the same options', async () => {
  const config = await connectTo(
    new MemoryProvider(json({ n: 1 })),
    { file: 'a.json', secret: ['db', './db/', '*.pem', '**', '.env', '..data-of-mine'] },
    readJson,
  );
  for (const [name, options] of WRONG_VIEWS)
    await assert.rejects(config.view(options as ViewOptions), {
      message: new RegExp(`^the option ${name} must be `),
    });
  await config.close();
});

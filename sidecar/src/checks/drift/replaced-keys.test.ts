import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareShape } from './check-drift.ts';
import { shapesOf } from './shape.ts';

const BEFORE = { server: { host: 'a', port: 80, tls: true }, cache: { ttl_1: 5 } };
const { server, cache } = BEFORE;
const { host: _, ...withoutHost } = server;

function reported(now: unknown, mode: 'warn' | 'compatible') {
  const [shape] = shapesOf([BEFORE]);
  assert.ok(shape);
  return compareShape(shape, now, { mode, secret: false }).flatMap(({ args }) => args);
}

for (const [what, now, said] of [
  [
    'another key in its place',
    { server: { ...withoutHost, listen: 'b' }, cache },
    '/server/host is gone, /server/listen is new',
  ],
  [
    'a key with another number',
    { server, cache: { ttl_2: 5 } },
    '/cache/ttl_1 is gone, /cache/ttl_2 is new',
  ],
  [
    'the key in a new mapping',
    { server: withoutHost, cache, proxy: { host: 'b' } },
    '/server/host is gone, /proxy/host is new',
  ],
  [
    'a new key elsewhere',
    { server: withoutHost, cache, retries: 3 },
    '/server/host is no longer there (was text)',
  ],
] as const)
  test(`an edit that adds keys replaces those that it removes: ${what}`, () => {
    assert.deepEqual(reported(now, 'warn'), []);
    assert.deepEqual(reported(now, 'compatible'), [said]);
  });

for (const [what, now, said] of [
  [
    'a misspelt key',
    { server: { ...withoutHost, hsot: 'a' }, cache },
    ['/server/host is gone, /server/hsot is new'],
  ],
  [
    'a key at the wrong level',
    { server: withoutHost, cache, host: 'a' },
    ['/server/host is gone, /host is new'],
  ],
  [
    'a mapping that lost most keys',
    { server: { retries: 3, pool: 8 }, cache },
    [
      '/server/host is no longer there (was text)',
      '/server/port is no longer there (was a number)',
      '/server/tls is no longer there (was true or false)',
    ],
  ],
] as const)
  test(`may be a mistake: ${what}`, () => {
    assert.deepEqual(reported(now, 'warn'), said);
  });

test('keys that were replaced hide nothing that warn reports', () => {
  const record = (name: string) =>
    Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`${name}${at}`, { [name]: 1 }]));
  const [shape] = shapesOf([{ ...record('a'), ...record('b'), timeout: 1 }]);
  assert.ok(shape);
  const now = { ...record('a'), ...record('c'), timeout: 1000 };
  const issues = compareShape(shape, now, { mode: 'warn', secret: false });
  assert.deepEqual(
    issues.map(({ args }) => args?.[0]),
    ['/timeout changed by orders of magnitude'],
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { loadForApp } from './load-for-app.ts';
import { fileOf, PATIENT, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

const PATH = '/app/a.schema.json';
const PATIENT_WORKER = { inlineMs: 1, workerMs: 100_000 };

/** Enough to compile that it never ends within the time above. */
const properties = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [`p${n}`, { type: 'string', pattern: `^${n}` }]),
);

test('a schema that takes long to compile is checked in a worker thread', async () => {
  const schema = { properties: { ...properties, size: { maximum: 64 } } };
  const text = Buffer.from(JSON.stringify(schema));
  const loaded = await loadForApp(PATH, text, PATIENT_WORKER);
  assert.ok('check' in loaded, JSON.stringify(loaded));
  assert.throws(() => loaded.check({}, false));
  const kept = {
    view: { file: 'config.yaml' },
    schema: { path: PATH, namedAt: { file: PATH } },
    check: loaded.check,
    text,
    names: ['web'],
  };
  const subscriberSchemas = { list: () => [kept] };
  const validate = await createValidator([], { subscriberSchemas, limits: PATIENT });
  const say = async (content: string) =>
    (await validate(snapshotOf(fileOf('config.yaml', content)))).findings.map(formatFinding);
  assert.deepEqual(await say('size: 64'), []);
  assert.deepEqual(await say('a: 1\nsize: 65\n'), [
    'config.yaml:2:7: /size must be <= 64 (is 65), by the schema of the app "web" [LG_VALIDATE_SCHEMA]',
  ]);
});

test('a worker thread finds the same reasons why a schema cannot be used', async () => {
  for (const [schema, expected] of [
    [{ type: 'nothing' }, /^\/type must be/],
    [{ $ref: '/etc/passwd' }, /must not refer to a file/],
    [{ $ref: '#' }, /^it refers to itself without end$/],
  ] as const) {
    const text = Buffer.from(JSON.stringify({ ...schema, properties }));
    const loaded = await loadForApp(PATH, text, PATIENT_WORKER);
    assert.match('reason' in loaded ? loaded.reason : '', expected);
  }
});

test('P9: a schema whose references multiply does not keep the sidecar from answering', async () => {
  const both = (n: number) => ({ allOf: [{ $ref: `#/$defs/a${n}` }, { $ref: `#/$defs/a${n}` }] });
  const parts = Array.from({ length: 40 }, (_, n) => [`a${n}`, both(n + 1)] as const);
  const $defs = { ...Object.fromEntries(parts), a40: true };
  const text = Buffer.from(JSON.stringify({ $ref: '#/$defs/a0', $defs }));
  // Not the time, which passes for a machine that stands still as well.
  const before = process.threadCpuUsage();
  const loaded = await loadForApp(PATH, text, { workerMs: 3_000 });
  const { user, system } = process.threadCpuUsage(before);
  assert.deepEqual(loaded, { reason: 'takes more than 3s to check' });
  assert.ok(user + system < 1_500_000, `${user + system} µs in the thread that answers`);
});

test('a schema does not become code for each place that a `$ref` leads from, which would be gigabytes', async () => {
  const wide = {
    properties: Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`p${n}`, {}])),
  };
  const schema = { $defs: { wide }, allOf: Array(3_000).fill({ $ref: '#/$defs/wide' }) };
  const loaded = await loadForApp(PATH, Buffer.from(JSON.stringify(schema)), { workerMs: 3_000 });
  assert.match('reason' in loaded ? loaded.reason : '', /^$|takes more than 3s to check$/);
});

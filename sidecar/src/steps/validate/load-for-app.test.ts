import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { loadForApp } from './load-for-app.ts';
import { fileOf, PATIENT, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

const PATH = '/app/a.schema.json';
const MS = 1;

/** Enough to compile that it never ends within the time above. */
const properties = Object.fromEntries(
  Array.from({ length: 300 }, (_, n) => [`p${n}`, { type: 'string', pattern: `^${n}` }]),
);

test('a schema that takes long to compile is checked in a worker thread', async () => {
  const schema = { properties: { ...properties, size: { maximum: 64 } } };
  const text = Buffer.from(JSON.stringify(schema));
  const loaded = await loadForApp(PATH, text, MS);
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
    const loaded = await loadForApp(PATH, text, MS);
    assert.match('reason' in loaded ? loaded.reason : '', expected);
  }
});

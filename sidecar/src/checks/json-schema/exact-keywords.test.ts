import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { fc } from '../../../../test/property.ts';
import { check, fileOf, saidOf, schemaFile } from '../../steps/validate/snapshot.testing.ts';
import { isMultiple } from './exact-keywords.ts';

const ID = '1161888007138312193';
const BESIDE = '1161888007138312192';

/** The findings about a value in a file, by a schema as it is written. */
async function said(t: TestContext, schema: string, value: string, name = 'a.json') {
  const file = await schemaFile(t, `{"properties": {"a": ${schema}}}`);
  const findings = await saidOf(fileOf(name, `{"a": ${value}}`), [check('*', { schema: file })]);
  return findings.map((each) => each.replace(/^\S+ \/a /, '').replace(' [LG_VALIDATE_SCHEMA]', ''));
}

test('large integers are compared with all of their digits, and shown so', async (t) => {
  const cases: readonly (readonly [schema: string, value: string, finding?: string])[] = [
    [`{"const": ${ID}}`, ID],
    [`{"const": ${ID}}`, BESIDE, `must be ${ID} (is ${BESIDE})`],
    [`{"enum": [1, ${ID}]}`, ID],
    [`{"enum": [1, ${ID}]}`, BESIDE, `must be one of 1, ${ID} (is ${BESIDE})`],
    [`{"enum": [{"id": ${ID}}]}`, `{"id": ${ID}}`],
    [`{"minimum": ${ID}}`, ID],
    [`{"minimum": ${ID}}`, BESIDE, `must be >= ${ID} (is ${BESIDE})`],
    [`{"exclusiveMaximum": ${ID}}`, BESIDE],
    [`{"exclusiveMaximum": ${ID}}`, ID, `must be < ${ID} (is ${ID})`],
    [`{"maximum": ${BESIDE}}`, ID, `must be <= ${BESIDE} (is ${ID})`],
    ['{"multipleOf": 2}', BESIDE],
    ['{"multipleOf": 2}', ID, `must be multiple of 2 (is ${ID})`],
    ['{"uniqueItems": true}', `[${ID}, ${BESIDE}]`],
    ['{"uniqueItems": true}', `[0, ${ID}, ${ID}]`, 'must not have duplicate items (/1 and /2)'],
    ['{"type": "string"}', ID, `must be string (is ${ID})`],
    [`{"anyOf": [{"const": ${ID}}, {"type": "null"}]}`, ID],
  ];
  for (const [schema, value, finding] of cases)
    for (const name of ['a.json', 'a.yaml', 'a.json5'])
      assert.deepEqual(
        await said(t, schema, value, name),
        finding === undefined ? [] : [finding],
        `${name}: ${schema} ${value}`,
      );
});

test('numbers are equal whatever their spelling, and objects whatever the order of keys', async (t) => {
  assert.deepEqual(await said(t, '{"const": 1.0}', '1'), []);
  assert.deepEqual(await said(t, '{"const": 1e20}', '100000000000000000000'), []);
  assert.deepEqual(await said(t, '{"const": 0}', '-0.0'), []);
  assert.deepEqual(await said(t, '{"enum": [{"x": 1, "y": [2]}]}', '{"y": [2.0], "x": 1}'), []);
  assert.equal((await said(t, '{"enum": ["1"]}', '1')).length, 1);
  assert.equal(
    (await said(t, '{"uniqueItems": true}', '[{"x": 1, "y": 2}, {"y": 2, "x": 1}]')).length,
    1,
  );
  assert.deepEqual(
    await said(t, '{"uniqueItems": true}', '["1", 1, [1], {"0": 1}, null, "null"]'),
    [],
  );
});

test('an empty enum allows no value, as a generator may write it', async (t) => {
  const refused = ['must be absent, as its enum is empty (is 1)'];
  assert.deepEqual(await said(t, '{"enum": []}', '1'), refused);
  assert.deepEqual(await said(t, '{"anyOf": [{"enum": []}, {"type": "integer"}]}', '1'), []);
});

test('a number is a multiple of another one by its decimal digits', async (t) => {
  assert.deepEqual(await said(t, '{"multipleOf": 0.01}', '1.11'), []);
  assert.deepEqual(await said(t, '{"multipleOf": 0.01}', '1.115'), [
    'must be multiple of 0.01 (is 1.115)',
  ]);
  for (let cents = 1; cents <= 1000; cents++) assert.ok(isMultiple(cents / 100, 0.01), `${cents}`);
  assert.ok(isMultiple(1e308, 1e-320));
  assert.ok(isMultiple(-1.5, 0.5));
  assert.ok(isMultiple(0, 7));
  assert.equal(isMultiple(Number.POSITIVE_INFINITY, 1), false);
  assert.equal(isMultiple(Number.NaN, 1), false);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (a, b) =>
      assert.equal(isMultiple(a / 1000, b / 1000), a % b === 0),
    ),
  );
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { schemaFile } from '../../steps/validate/snapshot.testing.ts';
import { TooManyErrors } from './error-budget.ts';
import { loadSchema } from './load.ts';

const OBJECTS = Array.from({ length: 10 }, () => ({ type: 'object' }));
const ROWS = Array.from({ length: 1_000 }, (_, row) => row);

async function checkOf(t: TestContext, schema: object) {
  return loadSchema(await schemaFile(t, schema), readFile);
}

test('errors of alternatives that do not fit count, and do not make a value wrong', async (t) => {
  const check = await checkOf(t, { items: { anyOf: [...OBJECTS, { type: 'integer' }] } });
  assert.deepEqual(check(ROWS, false).issues, []);
  assert.deepEqual(check(ROWS, false, 10_000).issues, []);
  assert.throws(() => check(ROWS, false, 9_999), TooManyErrors);
  assert.deepEqual(check(ROWS.slice(1), false, 9_999).issues, [], 'each validation starts at zero');
});

test('a value that is wrong after many alternatives has its finding', async (t) => {
  const item = { anyOf: [...OBJECTS, { type: 'integer' }] };
  for (const schema of [
    { items: item, maxItems: 1_000 },
    {
      $defs: { item, list: { items: { $ref: '#/$defs/item' }, maxItems: 1_000 } },
      $ref: '#/$defs/list',
    },
  ]) {
    const check = await checkOf(t, schema);
    assert.deepEqual(
      check([...ROWS, 1], false).issues.map(({ args }) => args[0]),
      ['must have at most 1000 items'],
    );
  }
});

test('a list of errors is bounded, also if a reference makes them', async (t) => {
  const many = Array.from({ length: 100_001 }, (_, row) => row);
  const text = { type: 'string' };
  for (const schema of [{ items: text }, { $defs: { text }, items: { $ref: '#/$defs/text' } }]) {
    const check = await checkOf(t, schema);
    assert.equal(check(['a', 1, 'b', 2], false).issues.length, 2);
    assert.throws(() => check(many, false), TooManyErrors);
  }
});

test('errors beyond a thousand are counted, not kept', async (t) => {
  const check = await checkOf(t, { items: { type: 'string' } });
  const { issues, leftOut = 0 } = check([...ROWS, ...ROWS, ...ROWS], false);
  assert.ok(issues.length >= 1_000);
  assert.equal(issues.length + leftOut, 3_000);
});

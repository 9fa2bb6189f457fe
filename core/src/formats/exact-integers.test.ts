import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactAt } from '../model/exact-integers.ts';
import type { FormatName } from './format.ts';
import { FORMATS } from './formats.ts';

const ID = 1161888007138312193n;

/** The value of a text, which must be accepted. */
function parsedOf(name: FormatName, text: string): Record<string, unknown> {
  const parsed = FORMATS[name].parse(text);
  assert.ok(parsed.ok, text);
  return parsed.documents[0]?.value as Record<string, unknown>;
}

test('a large integer is the nearest number, and is kept with all of its digits', () => {
  const texts: readonly (readonly [FormatName, string])[] = [
    ['json', `{"id": ${ID}, "ids": [1, -${ID}]}`],
    ['jsonc', `{"id": ${ID}, /* two */ "ids": [1, -${ID}]}`],
    ['json5', `{id: +${ID}, ids: [1, -${ID},]}`],
    ['toml', `id = ${ID}\nids = [1, -${ID}]\n`],
    ['yaml', `id: ${ID}\nids:\n- 1\n- -${ID}\n`],
    ['yaml', `id: 0x${ID.toString(16)}\nids: [1, !!int "-${ID}"]\n`],
    ['yaml', `base: &base { id: ${ID} }\n<<: *base\nids: [1, -${ID}]\n`],
  ];
  for (const [name, text] of texts) {
    const value = parsedOf(name, text);
    assert.equal(value.id, Number(ID), text);
    assert.equal(exactAt(value, 'id'), ID, text);
    assert.equal(exactAt(value.ids, 1), -ID, text);
    assert.equal(exactAt(value.ids, 0), undefined, text);
  }
});

test('a value that replaces a merged one has its own digits', () => {
  const value = parsedOf('yaml', `base: &base { id: ${ID} }\nid: 5\n<<: *base\n`);
  assert.equal(value.id, 5);
  assert.equal(exactAt(value, 'id'), undefined);
});

test('keys of YAML that are large integers keep their digits', () => {
  const value = parsedOf('yaml', `${ID}: a\n${ID + 1n}: b\n`);
  assert.deepEqual(Object.keys(value), [`${ID}`, `${ID + 1n}`]);
});

test('an integer beyond every number is read as before', () => {
  const huge = '9'.repeat(5_000);
  assert.equal(parsedOf('json', `{"a": ${huge}}`).a, Number.POSITIVE_INFINITY);
  assert.equal(parsedOf('yaml', `a: ${huge}\n`).a, huge);
  const alone = FORMATS.yaml.parse(`${ID}\n`);
  assert.ok(alone.ok && alone.documents[0]?.value === Number(ID));
});

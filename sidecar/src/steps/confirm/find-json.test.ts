import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { fc } from '../../../../test/property.ts';
import { findJson } from './find-json.ts';

const MIB = 2 ** 20;

/** A value of any kind, and the path to one of its parts. */
const documents = fc
  .jsonValue({ maxDepth: 4 })
  .chain((value) => fc.tuple(fc.constant(value), pathsInto(value)));

function pathsInto(value: unknown): fc.Arbitrary<readonly string[]> {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  const anyKey = fc.constantFrom('a', '0', 'length', '__proto__', '');
  const key = keys.length === 0 ? anyKey : fc.oneof(fc.constantFrom(...keys), anyKey);
  return key.chain((first) => {
    const part = valueAt(value, [first]);
    const rest = typeof part === 'object' && part !== null ? pathsInto(part) : fc.constant([]);
    return fc.oneof(
      fc.constant([first]),
      rest.map((more) => [first, ...more]),
    );
  });
}

/** As findJson returns it. */
function expectedAt(value: unknown, path: readonly string[]): unknown {
  const found = valueAt(value, path);
  return typeof found === 'object' && found !== null ? {} : found;
}

test('a value is what JSON.parse makes of it, in a text with and without spaces', () => {
  fc.assert(
    fc.property(documents, fc.constantFrom(0, 2), ([value, path], spaces) => {
      const text = JSON.stringify(value, null, spaces);
      assert.deepEqual(findJson(text, path), expectedAt(JSON.parse(text), path));
    }),
  );
});

test('a text that ends too soon has the values that it has, and never a part of one', () => {
  fc.assert(
    fc.property(documents, fc.nat(), ([value, path], length) => {
      const text = JSON.stringify(value);
      const found = findJson(text.slice(0, length % (text.length + 1)), path);
      if (found !== undefined) assert.deepEqual(found, expectedAt(JSON.parse(text), path));
    }),
  );
  assert.equal(findJson('{"version":"abc","parts":[', ['version']), 'abc');
  assert.equal(findJson('{"n":12', ['n']), undefined);
  assert.equal(findJson('{"n":12,', ['n']), 12);
});

test('the last value of a key counts, as with JSON.parse', () => {
  assert.equal(findJson('{"a":1,"a":2}', ['a']), 2);
  assert.equal(findJson('{"a":{"b":1},"a":{}}', ['a', 'b']), undefined);
});

test('a text that is not JSON has no values', () => {
  for (const text of [
    '',
    'not JSON',
    "{'a':1}",
    '{a:1}',
    '{"a" 1}',
    ']',
    '{"b":1]"a":1}',
    '\uFEFF[1',
  ])
    assert.equal(findJson(text, ['a']), undefined, text);
});

test('4 MiB of any kind are read once, without a deep stack', () => {
  for (const [name, filler] of [
    ['lists', '['.repeat(2 * MIB) + ']'.repeat(2 * MIB)],
    ['spaces', `${' '.repeat(4 * MIB)}0`],
    ['a string', `"${'\\"'.repeat(2 * MIB)}"`],
    ['a number', '1'.repeat(4 * MIB)],
    ['objects', `[${'{},'.repeat(MIB)}0]`],
  ] as const)
    assert.equal(findJson(`{"x":${filler},"a":1}`, ['a']), 1, name);
});

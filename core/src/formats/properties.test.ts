import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locator, said, valuesOf, warned } from './formats.testing.ts';
import { properties } from './properties.ts';

test('keys and values are read as Java reads them', () => {
  const text =
    '# a\n! b\na=1\nb : 2\nc 3 # kept\nd\n  e\\:f\\ g = \\u0041\\\n    B\\tC\nh=\\\\u12\r\ni = x \n';
  assert.deepEqual(valuesOf(properties, text), [
    { a: '1', b: '2', c: '3 # kept', d: '', 'e:f g': 'AB\tC', h: '\\u12', i: 'x ' },
  ]);
});

test('every escape that Java throws at is reported', () => {
  assert.deepEqual(said(properties, 'b=C:\\users \\u12\n\\uz=3\n'), [
    'f:1:5: a \\u needs four hexadecimal digits; write a backslash as \\\\ [LG_VALIDATE_SYNTAX]',
    'f:2:1: a \\u needs four hexadecimal digits; write a backslash as \\\\ [LG_VALIDATE_SYNTAX]',
  ]);
});

test('P11: of a duplicate key the last value counts, as for Java, with a warning', () => {
  const text = 'a=1\n\\u0061=2\n=3\n';
  assert.deepEqual(valuesOf(properties, text), [{ a: '2', '': '3' }]);
  assert.deepEqual(warned(properties, text), [
    'f:2:1: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]',
    'f:3:1: a value without a key [LG_VALIDATE_DIALECT]',
  ]);
});

test('a file of comments alone is an object without keys, and an empty one is refused', () => {
  assert.deepEqual(valuesOf(properties, '# a\n'), [{}]);
  assert.deepEqual(said(properties, ''), ['f:1:1: has no properties value [LG_VALIDATE_EMPTY]']);
});

test('a key, a value and a missing value are located', () => {
  const at = locator(properties, '# c\n  a.b = 1\r\nc:2\nd\n');
  assert.equal(at('a.b'), '2:9 key 2:3');
  assert.equal(at('c'), '3:3 key 3:1');
  assert.equal(at('d'), '4:2 key 4:1');
  assert.equal(at('missing'), '1:1 key 1:1');
});

test('no key changes the prototype of anything', () => {
  assert.deepEqual(said(properties, '\\u005f_proto__ = x\n'), [
    'f:1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ]);
  assert.deepEqual(valuesOf(properties, 'toString=1\n'), [{ toString: '1' }]);
});

test('a value of 200,000 malformed escapes has as many mistakes', () => {
  const parsed = properties.parse(`a=${'\\u '.repeat(200_000)}\n`);
  assert.equal(parsed.ok, false);
});

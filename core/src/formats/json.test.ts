import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locator, said, valuesOf, warned } from './formats.testing.ts';
import { json, jsonc } from './json.ts';

const REFUSED: readonly (readonly [text: string, ...said: string[]])[] = [
  ['', 'f:1:1: has no JSON value [LG_VALIDATE_EMPTY]'],
  [' \n\t', 'f:1:1: has no JSON value [LG_VALIDATE_EMPTY]'],
  ['[,]', 'f:1:2: expected a value [LG_VALIDATE_SYNTAX]'],
  ['{"a": 1 /* c', 'f:1:9: a comment is not closed [LG_VALIDATE_SYNTAX]'],
  ['{"a": 1', 'f:1:1: a brace is not closed [LG_VALIDATE_SYNTAX]'],
  ['{"a": [1', 'f:1:7: a bracket is not closed [LG_VALIDATE_SYNTAX]'],
  ['{"a": "x', 'f:1:7: a string is not closed on its line [LG_VALIDATE_SYNTAX]'],
  ['{a: 1}', 'f:1:2: unexpected text; strings must be in double quotes [LG_VALIDATE_SYNTAX]'],
  ['{"a" 1}', 'f:1:6: expected a colon after the key [LG_VALIDATE_SYNTAX]'],
  ['{"a": 1 "b": 2}', 'f:1:9: expected a comma [LG_VALIDATE_SYNTAX]'],
  ['[1,,2]', 'f:1:4: expected a value [LG_VALIDATE_SYNTAX]'],
  ['"\\x"', 'f:1:1: unknown escape in a string; write a backslash as \\\\ [LG_VALIDATE_SYNTAX]'],
  ['01', 'f:1:2: unexpected text after the end of the value [LG_VALIDATE_SYNTAX]'],
  ['{"a":1}}', 'f:1:8: unexpected text after the end of the value [LG_VALIDATE_SYNTAX]'],
  ['NaNs', 'f:1:1: unexpected text; strings must be in double quotes [LG_VALIDATE_SYNTAX]'],
  ['[NaN] // c', 'f:1:2: unexpected text; strings must be in double quotes [LG_VALIDATE_SYNTAX]'],
  [
    '\u00a01',
    'f:1:1: unexpected text; strings must be in double quotes; the line has a no-break space (U+00A0) [LG_VALIDATE_SYNTAX]',
  ],
  ['{"a":1,\n "a":2}', 'f:2:2: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['{"a":1,"\\u0061":2}', 'f:1:8: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['{"__proto__":{}}', 'f:1:2: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]'],
  ['[{"\\u005f_proto__":1}]', 'f:1:3: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]'],
  [
    '{"a": tru,\n "b": 1,\n "b": 2,\n "c": }',
    'f:1:7: unexpected text; strings must be in double quotes [LG_VALIDATE_SYNTAX]',
    'f:4:7: expected a value [LG_VALIDATE_SYNTAX]',
    'f:3:2: duplicate key "b" [LG_VALIDATE_DUPLICATE_KEY]',
  ],
];

for (const [text, ...expected] of REFUSED)
  test(`JSON ${JSON.stringify(text)} is refused`, () =>
    assert.deepEqual(said(json, text), expected));

test('of a secret, no key is shown', () => {
  assert.deepEqual(said(json, '{"hunter2":1,"hunter2":2}', true), [
    'f:1:14: duplicate key [LG_VALIDATE_DUPLICATE_KEY]',
  ]);
});

test('values nested a hundred deep are read, and deeper ones are refused without recursion', () => {
  assert.equal(valuesOf(json, '['.repeat(100) + ']'.repeat(100)).length, 1);
  const tooDeep = ['f:1:101: values are nested deeper than 100 [LG_VALIDATE_TOO_DEEP]'];
  assert.deepEqual(said(json, '['.repeat(101) + ']'.repeat(101)), tooDeep);
  assert.deepEqual(said(json, '['.repeat(1_000_000)), tooDeep);
  assert.equal(said(json, '{"a":'.repeat(500_000)).length, 1);
});

test('a key that objects inherit is a key like any other', () => {
  const [value] = valuesOf(json, '{"constructor":1,"toString":{"hasOwnProperty":2}}');
  assert.deepEqual(value, JSON.parse('{"constructor":1,"toString":{"hasOwnProperty":2}}'));
});

test('a key, a value and a missing value are located', () => {
  const at = locator(json, '{\n  "a": { "b/c": [1, "x"] },\r\n  "é😀": null }');
  assert.equal(at(), '1:1 key 1:1');
  assert.equal(at('a'), '2:8 key 2:3');
  assert.equal(at('a', 'b/c'), '2:17 key 2:10');
  assert.equal(at('a', 'b/c', 1), '2:21 key 2:21');
  assert.equal(at('a', 'b/c', '1'), '2:21 key 2:21');
  assert.equal(at('é😀'), '3:10 key 3:3');
  assert.equal(at('a', 'missing', 'deeper'), '2:8 key 2:8');
});

test('JSONC is JSON with comments, and what a comment hides counts for nothing', () => {
  const text = '// a\n{ /* "b": 0, */ "b": "http://x/*y*/", // c\n  "c": [1] }\n/* d */';
  assert.deepEqual(valuesOf(jsonc, text), [{ b: 'http://x/*y*/', c: [1] }]);
  assert.equal(locator(jsonc, text)('c', 0), '3:9 key 3:9');
  assert.deepEqual(valuesOf(jsonc, '{"a": 1}'), [{ a: 1 }]);
});

const COMMENTS =
  'comments are not part of JSON; name the file *.jsonc, or set format: jsonc in a check, if its app reads them [LG_VALIDATE_DIALECT]';
const TRAILING = 'trailing comma, which only some readers of JSON accept [LG_VALIDATE_DIALECT]';
const CONSTANTS =
  'NaN and Infinity are not part of JSON; only some readers, such as Python, accept them [LG_VALIDATE_DIALECT]';

test('P11: comments in JSON are a warning, which names the format for them', () => {
  const text = '{ // a\n "b": "/*x*/", /* c */ "d": [1] }\n// e\n';
  assert.deepEqual(valuesOf(json, text), [{ b: '/*x*/', d: [1] }]);
  assert.deepEqual(warned(json, text), [`f:1:3: ${COMMENTS}`]);
  assert.deepEqual(warned(jsonc, text), []);
  assert.equal(locator(json, text)('d', 0), '2:30 key 2:30');
});

test('P11: a trailing comma is a warning, also before a comment', () => {
  const text = '{"a": [1, 2,],\n "b": ",]", // c\n}';
  for (const format of [json, jsonc]) {
    assert.deepEqual(valuesOf(format, text), [{ a: [1, 2], b: ',]' }]);
    const trailing = warned(format, text).filter((line) => !line.endsWith(COMMENTS));
    assert.deepEqual(trailing, [`f:1:12: ${TRAILING}`, `f:2:11: ${TRAILING}`]);
  }
});

test('texts with many zeroes after E- beside NaN take time in proportion', () => {
  const text = `E-${'0'.repeat(400_000)}`;
  assert.deepEqual(valuesOf(json, `["${text}", NaN]`), [[text, NaN]]);
});

test('P11: NaN and Infinity are a warning in JSON, as Python accepts them', () => {
  const text = '{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN"}';
  assert.deepEqual(valuesOf(json, text), [{ a: NaN, b: [-Infinity, Infinity], c: 'NaN' }]);
  assert.deepEqual(warned(json, text), [`f:1:7: ${CONSTANTS}`]);
  assert.deepEqual(said(json, '{"a": NaN, "a": 1}'), [
    'f:1:12: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]',
  ]);
  assert.equal(said(jsonc, text).length, 1);
});

test('JSONC that holds comments alone is empty, and the last comment must be closed', () => {
  assert.deepEqual(said(jsonc, '/* c */'), ['f:1:1: has no JSON value [LG_VALIDATE_EMPTY]']);
  assert.deepEqual(said(jsonc, '{"a": 1} /* c'), [
    'f:1:10: a comment is not closed [LG_VALIDATE_SYNTAX]',
  ]);
});

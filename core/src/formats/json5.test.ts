import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import { locator, said, valuesOf } from './formats.testing.ts';
import { json5 } from './json5.ts';
import { semanticDigest } from './semantic-digest.ts';

test('comments, trailing commas, bare keys and single quotes are read', () => {
  const text = "// a\n{ k: 'v', \"l\": [+1, .5, 0xF,], /* } */ $m_1: 'x\\\ny', }\n";
  assert.deepEqual(valuesOf(json5, text), [{ k: 'v', l: [1, 0.5, 15], $m_1: 'xy' }]);
});

test('line separators in a text are not reported on the standard error', ({ mock }) => {
  const warn = mock.method(console, 'warn', () => {});
  const bytes = Buffer.from(`{'\u2028': '\u2029'}`);
  assert.deepEqual(valuesOf(json5, String(bytes)), [{ '\u2028': '\u2029' }]);
  assert.equal(locator(json5, String(bytes))('\u2028'), '1:7 key 1:2');
  semanticDigest({ bytes }, json5);
  assert.equal(warn.mock.callCount(), 0);
});

test('a file without a value is empty, comments or not', () => {
  for (const text of ['', ' \n', '// only', '/* only */'])
    assert.deepEqual(said(json5, text), ['f:1:1: has no JSON5 value [LG_VALIDATE_EMPTY]']);
});

test('a key, a value and a missing value are located', () => {
  const at = locator(
    json5,
    "{ // {\n  a: { 'b\\'}': [-1, /* , */ 'x,]' ] },\r\n  \\u00e9: null, \"l\": Infinity }",
  );
  assert.equal(at(), '1:1 key 1:1');
  assert.equal(at('a'), '2:6 key 2:3');
  assert.equal(at('a', "b'}"), '2:16 key 2:8');
  assert.equal(at('a', "b'}", 1), '2:29 key 2:29');
  assert.equal(at('é'), '3:11 key 3:3');
  assert.equal(at('l'), '3:22 key 3:17');
  assert.equal(at('a', 'missing'), '2:6 key 2:6');
});

test('each duplicate or reserved key is reported, however it is written', () => {
  const text = "{ a: 1, '\\x61': 2,\n  b: { '__pr\\u006fto__': 1, __proto__: 2 } }";
  assert.deepEqual(said(json5, text), [
    'f:1:9: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]',
    'f:2:8: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
    'f:2:29: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ]);
  assert.equal('polluted' in {}, false);
});

test('values nested a hundred deep are read, and deeper ones are refused without recursion', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
  assert.equal(valuesOf(json5, nested(100)).length, 1);
  for (const levels of [101, 500_000])
    assert.deepEqual(said(json5, nested(levels)), [
      'f:1:101: values are nested deeper than 100 [LG_VALIDATE_TOO_DEEP]',
    ]);
});

test('what JSON.stringify writes is read back, and each value is located', () => {
  const value = fc.jsonValue({ maxDepth: 5 }).filter((each) => {
    return !JSON.stringify(each).includes('__proto__');
  });
  fc.assert(
    fc.property(value, (each) => {
      const text = JSON.stringify(each, null, 1);
      assert.deepEqual(valuesOf(json5, text), [JSON.parse(text)]);
      assert.doesNotMatch(locator(json5, text)('a'), /NaN|undefined/);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'smol-toml';
import { fc } from '../../../test/property.ts';
import type { Pointer } from '../model/pointer.ts';
import type { Position } from './format.ts';
import { locator, said, valuesOf } from './formats.testing.ts';
import { toml } from './toml.ts';

test('tables, lists of tables, dotted keys and inline tables become one object', () => {
  const text =
    'a.b = 1\n[model]\nname = "x"\n[model.size]\nmb = 0x10\n[[gpu]]\nid = 0\n[[gpu]]\nid = 1\nuse = {a = [true]}\n';
  assert.deepEqual(valuesOf(toml, text), [
    {
      a: { b: 1 },
      model: { name: 'x', size: { mb: 16 } },
      gpu: [{ id: 0 }, { id: 1, use: { a: [true] } }],
    },
  ]);
});

test('dates and times become texts in the form of ISO 8601', () => {
  const text =
    'a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32:00.5-08:00\nc = 1979-05-27T07:32:00\nd = 1979-05-27\ne = 07:32:01\nf = [07:32]\n';
  assert.deepEqual(valuesOf(toml, text), [
    {
      a: '1979-05-27T07:32:00+00:00',
      b: '1979-05-27T07:32:00.5-08:00',
      c: '1979-05-27T07:32:00',
      d: '1979-05-27',
      e: '07:32:01',
      f: ['07:32:00'],
    },
  ]);
});

test('an integer that no number holds is the nearest one, and infinity stays', () => {
  assert.deepEqual(valuesOf(toml, 'a = 9007199254740993\nb = inf\n'), [
    { a: 9007199254740992, b: Number.POSITIVE_INFINITY },
  ]);
});

test('a file of comments alone is an object without keys, and an empty one is refused', () => {
  assert.deepEqual(valuesOf(toml, '# a\n\n  # b'), [{}]);
  assert.deepEqual(said(toml, ' \n'), ['f:1:1: has no TOML value [LG_VALIDATE_EMPTY]']);
});

test('a key, a value and a missing value are located', () => {
  const at = locator(
    toml,
    '# "x = 1"\na . "b c" = \'x\'\n\n[model] # ]\r\nname = "a \\" ] #"\nlist = [ # 1\n  1, "2,]",\n  { k = """\n"] """" } ]\n[[gpu]]\nid = 1979-05-27 07:32:00 # t\n[[gpu]]\n"\\u0069d" = 2\n[gpu.sub]\nx = 1\n',
  );
  assert.equal(at(), '1:1 key 1:1');
  assert.equal(at('a', 'b c'), '2:13 key 2:5');
  assert.equal(at('model'), '4:2 key 4:2');
  assert.equal(at('model', 'name'), '5:8 key 5:1');
  assert.equal(at('model', 'list', 1), '7:6 key 7:6');
  assert.equal(at('model', 'list', 2, 'k'), '8:9 key 8:5');
  assert.equal(at('gpu', 0, 'id'), '11:6 key 11:1');
  assert.equal(at('gpu', 1), '12:3 key 12:3');
  assert.equal(at('gpu', 1, 'id'), '13:13 key 13:1');
  assert.equal(at('gpu', 1, 'sub', 'x'), '15:5 key 15:1');
  assert.equal(at('model', 'missing'), '4:2 key 4:2');
});

test('a table that is written out after its parts is located where it is written out', () => {
  const at = locator(toml, '[a.b]\nx = 1\n[a]\ny = 2\n');
  assert.equal(at('a'), '3:2 key 3:2');
  assert.equal(at('a', 'b', 'x'), '2:5 key 2:1');
});

test('dotted keys nest no deeper than brackets may', () => {
  const deep = (levels: number) => `${Array(levels).fill('a').join('.')} = 1`;
  assert.equal(valuesOf(toml, deep(100)).length, 1);
  assert.match(said(toml, deep(101))[0] ?? '', /^f:1:199: .* deeper than 100 .*TOO_DEEP\]$/);
  assert.match(said(toml, deep(100_000))[0] ?? '', /TOO_DEEP\]$/);
  assert.match(said(toml, `a = ${'['.repeat(1e6)}`)[0] ?? '', /TOO_DEEP\]$/);
});

test('no key changes the prototype of anything, and each one that tries is reported', () => {
  assert.deepEqual(said(toml, '"\\u005f_proto__".a = 1\n[b]\n__proto__ = {c = 1}\n'), [
    'f:1:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
    'f:3:1: the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]',
  ]);
  assert.deepEqual(valuesOf(toml, 'constructor.prototype.polluted = 1\n'), [
    { constructor: { prototype: { polluted: 1 } } },
  ]);
  assert.equal('polluted' in {}, false);
});

/** TOML has no null, and smol-toml writes no key `__proto__`. */
const table = fc.dictionary(
  fc.string({ unit: fc.constantFrom(...'ab. "\'\\é\n#=]'.split('')), maxLength: 5 }),
  fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'medium' },
      fc.string({ unit: fc.constantFrom(...'ab"\'\\\n,]}#'.split('')) }),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.string({ maxLength: 3 }), tie('value'), { maxKeys: 3 }),
    ),
  })).value,
);

test('every value that smol-toml writes is located at its text', () => {
  fc.assert(
    fc.property(table, (value) => {
      const text = stringify(value);
      const parsed = toml.parse(`#\n${text}`);
      assert.ok(parsed.ok, JSON.stringify(parsed));
      const lines = text.split('\n');
      for (const [pointer, inner] of scalarsIn(value, [])) {
        const place: Position | undefined = parsed.documents[0]?.locate(pointer, 'value');
        const rest = lines.slice((place?.line ?? 0) - 2).join('\n');
        const alone = `v = ${stringify({ v: inner }).slice('v = '.length).trimEnd()}`;
        assert.ok(
          `v = ${rest.slice((place?.column ?? 0) - 1)}`.startsWith(alone),
          pointer.join('/'),
        );
      }
    }),
  );
});

function scalarsIn(value: unknown, pointer: Pointer): (readonly [Pointer, unknown])[] {
  if (typeof value !== 'object' || value === null) return [[pointer, value]];
  if (Array.isArray(value)) return value.flatMap((inner, at) => scalarsIn(inner, [...pointer, at]));
  return Object.entries(value).flatMap(([key, inner]) => scalarsIn(inner, [...pointer, key]));
}

test('a text that breaks its format does not change the positions of a later one', () => {
  const broken = 'k = 07:32:00.1234567890123\na = 1\n[a.b]\nc = 1\n';
  assert.deepEqual(said(toml, broken), ['f:3:2: duplicate key "a.b" [LG_VALIDATE_DUPLICATE_KEY]']);
  assert.equal(locator(toml, 'x = 1\n')('x', 'b'), '1:5 key 1:5');
});

test('P11: of more digits of a second than nanoseconds, the rest does not count', () => {
  const text =
    'a = 1979-05-27T00:32:00.1234567890123Z # 00:32:00.1234567890123\n' +
    'b = [00:32:00.1234567899, "00:32:00.1234567890123"]\nc.d = 1979-05-27 00:32:00.99999999999-07:00\n';
  assert.deepEqual(valuesOf(toml, text), [
    {
      a: '1979-05-27T00:32:00.123456789+00:00',
      b: ['00:32:00.123456789', '00:32:00.1234567890123'],
      c: { d: '1979-05-27T00:32:00.999999999-07:00' },
    },
  ]);
  assert.equal(locator(toml, text)('c', 'd'), '3:7 key 3:3');
  assert.deepEqual(said(toml, 'a = 00:32:00.1234567890123\nb = 25:00:00.1234567890\n'), [
    'f:2:5: is not a TOML date or time, such as 2026-01-31T08:00:00Z [LG_VALIDATE_SYNTAX]',
  ]);
  assert.equal(said(toml, 'a = 00:32:00.1234567890123\nb = [\n').length, 1);
  assert.equal(said(toml, `a = 00:32:00.1234567890123\nb = ${'['.repeat(1_000_000)}`).length, 1);
});

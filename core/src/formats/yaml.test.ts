import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaggedValue } from '../model/tagged-value.ts';
import { locator, said, valuesOf, warned } from './formats.testing.ts';
import { yaml } from './yaml.ts';

const UNFIT = 'does not fit the lines above: a key without ": ", or a list beside a mapping';
const COMPLEX = 'a key must not be a list or mapping [LG_VALIDATE_SYNTAX]';
const TEMPLATE = `perhaps a template such as {{ … }} was not rendered: ${COMPLEX}`;
const HASH = 'expected a space before the # of a comment [LG_VALIDATE_DIALECT]';
const TOUCHING = 'expected a space after an anchor or a tag [LG_VALIDATE_DIALECT]';
const BESIDE = 'a list or mapping must not begin on the line of its key [LG_VALIDATE_SYNTAX]';
const AFTER = 'text after the end of a value [LG_VALIDATE_SYNTAX]';
const PROTO = 'the key __proto__ is not allowed [LG_VALIDATE_RESERVED_KEY]';

const REFUSED: readonly (readonly [text: string, said: string])[] = [
  ['', 'f:1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['\n  \n', 'f:1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['---\n', 'f:1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['---\n---\n...\n', 'f:1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['a:\n\tb: 1\n', 'f:2:1: tab characters must not be used in indentation [LG_VALIDATE_SYNTAX]'],
  [
    'a:\n  b: 1\n c: 2\n',
    'f:3:2: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  [
    'a: b: c\n',
    'f:1:5: bad indentation of a mapping entry, or a value that contains ": " and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'a: @x',
    'f:1:4: bad indentation of a mapping entry, or a value that starts with @, ` or % and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'a:\n  - 1\n - 2\n',
    'f:3:2: bad indentation of a mapping entry, or text after the end of a value [LG_VALIDATE_SYNTAX]',
  ],
  ['a: "x\nb: 1\n', 'f:1:4: a double quote is not closed [LG_VALIDATE_SYNTAX]'],
  ['a: [1, 2\nb: 3\n', 'f:1:4: a bracket is not closed [LG_VALIDATE_SYNTAX]'],
  ['a: {x: 1', 'f:1:4: a brace is not closed [LG_VALIDATE_SYNTAX]'],
  ['key:value\nb: 1\n', `f:2:2: ${UNFIT} [LG_VALIDATE_SYNTAX]`],
  ['- a\nb: 1', `f:2:1: ${UNFIT} [LG_VALIDATE_SYNTAX]`],
  ['a: 1\n}\n', `f:2:1: ${UNFIT} [LG_VALIDATE_SYNTAX]`],
  ['a: 1\nb\nc: 2', 'f:3:2: expected ": " after a key [LG_VALIDATE_SYNTAX]'],
  ['{a: 1 b: 2}', 'f:1:8: missing comma between entries in brackets [LG_VALIDATE_SYNTAX]'],
  ['a: !!int x', 'f:1:4: the value does not fit its tag !!int [LG_VALIDATE_SYNTAX]'],
  ['a: !x {b: 1, b: 2}', 'f:1:14: duplicate key "b" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['a: !x [!y {__proto__: 1}]', `f:1:12: ${PROTO}`],
  ['a: 1\n!x a: 2', 'f:2:4: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['a: !!int x', 'f:1:4: the value does not fit its tag !!int [LG_VALIDATE_SYNTAX]'],
  ['a: *b', 'f:1:4: unknown alias "b" [LG_VALIDATE_SYNTAX]'],
  [
    'a: *',
    'f:1:5: an alias needs a name; put text that starts with * in quotes [LG_VALIDATE_SYNTAX]',
  ],
  [
    'a: "\\q"',
    'f:1:6: unknown escape sequence; a backslash is literal in single quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['a: \u0001', 'f:1:4: control characters are not allowed [LG_VALIDATE_SYNTAX]'],
  ['a: \0', 'f:1:4: has a null byte; it may be a binary file [LG_VALIDATE_SYNTAX]'],
  ['<<: 1', 'f:1:1: the merge key << needs a mapping or a list of mappings [LG_VALIDATE_SYNTAX]'],
  ['a: 1\nx: {{ .Values.a }}', `f:2:5: ${TEMPLATE}`],
  ['a: {b: c}\n? - d\n: e\n', `f:2:3: ${COMPLEX}`],
  ['- {a: b}\n- a: b\n  [c]: d\n', `f:3:3: ${COMPLEX}`],
  ['a: &k [b]\nc: {*k : d}\n', `f:2:6: ${COMPLEX}`],
  [
    'a: 1\r\nb: x: y\r\n',
    'f:2:5: bad indentation of a mapping entry, or a value that contains ": " and needs quotes [LG_VALIDATE_SYNTAX]',
  ],
  ['a: !x%2 1', 'f:1:8: a tag has a character that needs escaping x%2 [LG_VALIDATE_SYNTAX]'],
  ['# c\n\t---\na: 1\n', 'f:2:2: --- must be at the start of its line [LG_VALIDATE_SYNTAX]'],
  ['a\n...\n# c\n\t---\nb\n', 'f:4:2: --- must be at the start of its line [LG_VALIDATE_SYNTAX]'],
  [' ---\na: 1\n', 'f:1:2: --- must be at the start of its line [LG_VALIDATE_SYNTAX]'],
  ['a: &x b: c\n', `f:1:4: ${BESIDE}`],
  ['- a: !!str b: c\n', `f:1:6: ${BESIDE}`],
  ['a: &x : c\n', `f:1:4: ${BESIDE}`],
  ['a:\n- "b"c: 1\n', `f:2:6: ${AFTER}`],
  ['a:\n- b\n- [c] &k !!str "d": 1\n', `f:3:7: ${AFTER}`],
  ['x: &x 1\na:\n- "c" *x : 1\n', `f:3:7: ${AFTER}`],
  ['a:\n- "b" ? c\n: 1\n', `f:2:9: ${AFTER}`],
  ['a: 1\nb: 2\na: 3\n', 'f:3:1: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['a:\n  "k": 1\n  k: 2\n', 'f:3:3: duplicate key "k" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['{"a": 1, "a": 2}', 'f:1:10: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['a: 1\n&k a: 2\n', 'f:2:4: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['a: 1\n!!str "a": 2\n', 'f:2:7: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['"1": a\n1: b\n', 'f:2:1: duplicate key "1" [LG_VALIDATE_DUPLICATE_KEY]'],
  ['__proto__: {admin: true}', `f:1:1: ${PROTO}`],
  ['a:\n  - "__proto__": 1', `f:2:5: ${PROTO}`],
  ['a: {"\\u005f_proto__": 1}', `f:1:5: ${PROTO}`],
  ['x: &p __proto__\n*p : 1\n', `f:2:2: ${PROTO}`],
  ['a:\n  <<: {__proto__: 1}\n', `f:2:8: ${PROTO}`],
  ['a: &x [*x]', 'f:1:8: aliases form a cycle [LG_VALIDATE_ALIASES]'],
  ['a: &x\n  b: {c: *x}', 'f:2:10: aliases form a cycle [LG_VALIDATE_ALIASES]'],
];

for (const [text, expected] of REFUSED)
  test(`YAML ${JSON.stringify(text)} is refused`, () =>
    assert.deepEqual(said(yaml, text), [expected]));

test('of a secret, neither keys nor tags nor aliases nor unknown reasons are shown', () => {
  const sealed = (text: string) => text.replaceAll('k', 'hunter2');
  const lines = [
    ...['k: 1\nk: 2', 'a: *k', 'a: !k!b 1', 'a: !k%2 1'].flatMap((text) =>
      said(yaml, sealed(text), true),
    ),
    ...['a: !k 1', 'a: !!k {}'].flatMap((text) => warned(yaml, sealed(text), true)),
  ];
  assert.equal(lines.length, 6);
  assert.equal(lines.join('\n').includes('hunter2'), false, lines.join('\n'));
});

test('a billion laughs are refused at the alias that is too much', () => {
  const bomb = ['a0: &a0 [lol]'];
  for (let i = 1; i < 30; i++)
    bomb.push(
      `a${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(',')}]`,
    );
  const [line] = said(yaml, bomb.join('\n'));
  assert.match(
    line ?? '',
    /^f:6:\d+: aliases expand to more than 100000 values \[LG_VALIDATE_ALIASES\]$/,
  );
});

test('aliases that grow as the square are refused', () => {
  const many = `a: &a [${Array(2000).fill('x').join(',')}]\nb:\n${'  - *a\n'.repeat(2000)}`;
  assert.deepEqual(said(yaml, many), [
    'f:52:5: aliases expand to more than 100000 values [LG_VALIDATE_ALIASES]',
  ]);
});

test('merging too many keys is refused', () => {
  const base = Array.from({ length: 200 }, (_, i) => `  k${i}: 1\n`).join('');
  const uses = Array.from({ length: 60 }, (_, i) => `u${i}:\n  <<: *base\n`).join('');
  const [line] = said(yaml, `base: &base\n${base}${uses}`);
  assert.match(line ?? '', /aliases merge too many keys with << \[LG_VALIDATE_ALIASES\]$/);
});

test('what begins on the line of a colon, and is no value of the key before it, is read', () => {
  assert.deepEqual(valuesOf(yaml, '? a\n: - 1\n? &k b\n: c: 2\n'), [{ a: [1], b: { c: 2 } }]);
  assert.deepEqual(valuesOf(yaml, 'a: &m\n  b: 1\nc: !!seq\n- &n d: 2\n- - e\n'), [
    { a: { b: 1 }, c: [{ d: 2 }, ['e']] },
  ]);
  assert.deepEqual(valuesOf(yaml, '[&a , !!str, &b]'), [[null, '', null]]);
});

test('an anchor that is defined again inside itself does not form a cycle', () => {
  assert.deepEqual(valuesOf(yaml, '&a [ &a 1, *a ]'), [[1, 1]]);
});

test('values nested a hundred deep are read, and deeper ones are refused', () => {
  assert.equal(valuesOf(yaml, `${'['.repeat(100)}x${']'.repeat(100)}`).length, 1);
  for (const deep of ['['.repeat(1e6), '{'.repeat(1e6), '- '.repeat(1e6), '? '.repeat(1e6)])
    assert.match(said(yaml, deep)[0] ?? '', /nested deeper than 100 \[LG_VALIDATE_TOO_DEEP\]$/);
});

test('anchors, aliases, merge keys and block texts are read', () => {
  const text = 'base: &b {x: 1, y: 2}\nuse:\n  <<: *b\n  y: 3\nt: |\n  l1\n  l2\n';
  assert.deepEqual(valuesOf(yaml, text), [
    { base: { x: 1, y: 2 }, use: { x: 1, y: 3 }, t: 'l1\nl2\n' },
  ]);
});

test('scalars are those of YAML 1.2: no date, no yes, no octal with a leading zero', () => {
  assert.deepEqual(valuesOf(yaml, 'a: 2026-01-01\nb: yes\nc: 010\nd: 0o10\ne: ~\n'), [
    { a: '2026-01-01', b: 'yes', c: 10, d: 8, e: null },
  ]);
});

test('every document of a file counts, and what follows a last --- is none', () => {
  assert.deepEqual(valuesOf(yaml, 'a: 1\n---\nb: 2\n---\n'), [{ a: 1 }, { b: 2 }]);
  assert.deepEqual(valuesOf(yaml, '--- null\n'), [null]);
});

test('no text changes the prototype of anything', () => {
  valuesOf(yaml, 'constructor: {prototype: {polluted: 1}}\n');
  said(yaml, '__proto__: {polluted: 1}\n');
  assert.equal('polluted' in {}, false);
});

test('ten thousand keys and a few megabytes are read', () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `key_${i}: ${i}\n`).join('');
  assert.equal(Object.keys(valuesOf(yaml, keys)[0] as object).length, 10_000);
  const rows = '- {id: 1, label: "some label of usual length", weight: 0.5}\n'.repeat(50_000);
  assert.equal((valuesOf(yaml, rows)[0] as unknown[]).length, 50_000);
});

const WARNED: readonly (readonly [text: string, value: unknown, ...said: string[]])[] = [
  [
    'a: 1\n\uFEFFb: 2\n',
    { a: 1, '\uFEFFb': 2 },
    'f:2:1: has a byte order mark between lines; perhaps files were joined [LG_VALIDATE_DIALECT]',
  ],
  ['a: &x[1]\n', { a: [1] }, `f:1:6: ${TOUCHING}`],
  ['a: [&x{b: 1}]\n', { a: [{ b: 1 }] }, `f:1:7: ${TOUCHING}`],
  ['a: !<tag:yaml.org,2002:str>b\n', { a: 'b' }, `f:1:28: ${TOUCHING}`],
  ['a: !foo 1', { a: new TaggedValue('!foo', '1') }, 'f:1:4: unknown tag !foo [LG_VALIDATE_TAG]'],
  ['c: 1\n<<: !x {a: &k [b]}\n', { c: 1, a: ['b'] }, 'f:2:5: unknown tag !x [LG_VALIDATE_TAG]'],
  [
    'a: !!python/object/apply:os.system [x]',
    { a: new TaggedValue('tag:yaml.org,2002:python/object/apply:os.system', ['x']) },
    'f:1:4: unknown tag !!python/object/apply:os.system [LG_VALIDATE_TAG]',
  ],
  [
    '- !Ref a\n- !Ref b\n- !Sub { c: 1 }\n- !e\n- ! f\n- !!str 1\n',
    [
      new TaggedValue('!Ref', 'a'),
      new TaggedValue('!Ref', 'b'),
      new TaggedValue('!Sub', { c: 1 }),
      new TaggedValue('!e', ''),
      'f',
      '1',
    ],
    'f:1:3: unknown tag !Ref [LG_VALIDATE_TAG]',
    'f:3:3: unknown tag !Sub [LG_VALIDATE_TAG]',
    'f:4:3: unknown tag !e [LG_VALIDATE_TAG]',
  ],
  [
    '--- !x\n!y a: &i !!map\nb: *i\nc: !!seq\n',
    new TaggedValue('!x', { a: {}, b: {}, c: [] }),
    'f:1:5: unknown tag !x [LG_VALIDATE_TAG]',
    'f:2:1: unknown tag !y [LG_VALIDATE_TAG]',
  ],
  [
    'a:\n  b: 1\n\u00a0\u00a0c: 2\n',
    { a: { b: 1 }, '\u00a0\u00a0c': 2 },
    'f:3:1: a no-break space (U+00A0) is part of the key: blank to people, not to YAML [LG_VALIDATE_DIALECT]',
  ],
  [
    '- a\n -\u00a0b\n',
    ['a -\u00a0b'],
    'f:2:3: a no-break space (U+00A0) is part of the text: blank to people, not to YAML [LG_VALIDATE_DIALECT]',
  ],
  [
    'a:\u00a01\n',
    'a:\u00a01',
    'f:1:3: a no-break space (U+00A0) is part of the text: blank to people, not to YAML [LG_VALIDATE_DIALECT]',
  ],
  [
    'a: x\u200b\n"b\u2060": \u3000y\n',
    { a: 'x\u200b', 'b\u2060': '\u3000y' },
    'f:1:5: a zero-width space (U+200B) is part of the text: blank to people, not to YAML [LG_VALIDATE_DIALECT]',
    'f:2:3: a word joiner (U+2060) is part of the key: blank to people, not to YAML [LG_VALIDATE_DIALECT]',
    'f:2:7: an ideographic space (U+3000) is part of the text: blank to people, not to YAML [LG_VALIDATE_DIALECT]',
  ],
  ['# only a comment\n', null, 'f:1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['---\n # a\n...\n', null, 'f:1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['c: {}# x\nd: "#"#y\n', { c: {}, d: '#' }, `f:1:6: ${HASH}`, `f:2:7: ${HASH}`],
  ['a: [#c\n1, #d\n b#e\n]', { a: [1, 'b#e'] }, `f:1:5: ${HASH}`],
];

for (const [text, value, ...expected] of WARNED)
  test(`YAML ${JSON.stringify(text)} is accepted with a warning`, () => {
    assert.deepEqual(valuesOf(yaml, text), [value]);
    assert.deepEqual(warned(yaml, text), expected);
  });

/** Lines of a flow node that are indented no more than their key: every other reader accepts them. */
const INDENTED_LIKE_THE_KEY: readonly (readonly [text: string, value: unknown])[] = [
  ['a: {b: c\n ",d: e}\nf: [\n]\n', { a: { b: 'c "', d: 'e' }, f: [] }],
  ['args: [\n  "a"\n]\n', { args: ['a'] }],
  ['k:\n  args: [\n"a", b\n]\n  c: 1\n', { k: { args: ['a', 'b'], c: 1 } }],
  ['- {\n  a: 1\n}\n- b: [\n  {c: 2\n  }]\n', [{ a: 1 }, { b: [{ c: 2 }] }]],
  ['a: "x\ny"\nb: \'x\n\ny\'\n', { a: 'x y', b: 'x\ny' }],
  ['a:\n- "x\n- y"\n- [x\ny]\n', { a: ['x - y', ['x y']] }],
  ['a: "x\\\ny"\n', { a: 'xy' }],
  ['a: &x [\n]\nb: !!seq [\n]\nc: *x\n', { a: [], b: [], c: [] }],
  ['a: plain\n  "text\nb: |\n  [x\n\nc: [\n]\n', { a: 'plain "text', b: '[x\n', c: [] }],
  ['"a": [ # "\n\'\'\'\', "\\""\n]\n', { a: ["'", '"'] }],
  ['a: [it\'s, b "c\n]\nd: {e: "f",\n"g":h\n}\n', { a: ["it's", 'b "c'], d: { e: 'f', g: 'h' } }],
];

/** Tabs between tokens: every other reader accepts them, and js-yaml where the indentation is less. */
const WITH_TABS: readonly (readonly [text: string, value: unknown])[] = [
  ['a:\t[]\nb: \t{\n}\n', { a: [], b: {} }],
  [
    '- a: &x\t[1,\t{"b"\t:\t"c\td"}]\n- !!map\t{e\tf: g\th}\n',
    [{ a: [1, { b: 'c\td' }] }, { 'e\tf': 'g\th' }],
  ],
  ['a: [\n\t1,\n\t\tb\tc,\n\t]\t# d\n', { a: [1, 'b\tc'] }],
  ['- a:\t"b\n  c"\n', [{ a: 'b c' }]],
];

for (const [text, value] of [...INDENTED_LIKE_THE_KEY, ...WITH_TABS])
  test(`P11: YAML ${JSON.stringify(text)} is accepted`, () => {
    assert.deepEqual(valuesOf(yaml, text), [value]);
    assert.deepEqual(warned(yaml, text), []);
  });

test('positions are those of the file, where lines of a flow node are indented like their key', () => {
  const locate = locator(yaml, 'k:\n    a: [\n  "b",\n    {c: 1}\n    ]\n    d: e\n');
  assert.equal(locate('k', 'a', 0), '3:3 key 3:3');
  assert.equal(locate('k', 'a', 1, 'c'), '4:9 key 4:6');
  assert.equal(locate('k', 'd'), '6:8 key 6:5');
  const twice = 'k:\n  a: {\n  b: 1\n  }\n  a: 2\n';
  assert.deepEqual(said(yaml, twice), ['f:5:3: duplicate key "a" [LG_VALIDATE_DUPLICATE_KEY]']);
});

test('a document marker inside a quoted text or brackets is an error', () => {
  for (const text of ['a: "x\n---\ny"\n', 'a: [x\n---\n]\n', "a: 'x\n...\n'\n"])
    assert.equal(said(yaml, text).length, 1);
});

test('a text whose lines would have to be moved too far is an error', () => {
  const text = `${' '.repeat(10_000)}a: [\n${'1,\n'.repeat(10_000)}]\n`;
  assert.equal(said(yaml, text).length, 1);
});

test('characters that are meant are no warning', () => {
  for (const text of [
    'a: 10\u00a0000 km\nb: "\u00a0x\u200b"\nc: |\n  \u00a0 x\n# \u00a0\n',
    'emoji: 👩\u200d🚀\n\u0645\u06cc\u200c\u062e: \u0645\u06cc\u200c\u062e\n',
  ])
    assert.deepEqual(warned(yaml, text), []);
});

test('--- in a text, indented, is no marker', () => {
  const text = 'a: |\n  ---\n  x\nb: [\n  ---\n  ]\nc: x\n  ---\n  y\nd: "\n --- "\n';
  assert.deepEqual(valuesOf(yaml, text), [{ a: '---\nx\n', b: ['---'], c: 'x --- y', d: ' --- ' }]);
});

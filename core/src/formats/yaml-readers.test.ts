import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import { formatFinding } from '../model/finding.ts';
import { said, valuesOf, warned } from './formats.testing.ts';
import { json } from './json.ts';
import { parseFile } from './parse-file.ts';
import { yaml } from './yaml.ts';

const UNFIT_LINE = 'does not fit the lines above: a key without ": ", or a list beside a mapping';

/** Every reader refuses it but, in part, js-yaml 5. */
const REFUSED: readonly (readonly [text: string, said: string])[] = [
  [': {}', '1:1: expected a key before the colon'],
  ['a: 1\n: b: c\n', '2:1: expected a key before the colon'],
  ['a: 1\n: - b\n', '2:1: expected a key before the colon'],
  ['a: 1\n# ? :\n: 2\n', '3:1: expected a key before the colon'],
  ['? a\n: 1\n: 2\n', '3:1: expected a key before the colon'],
  ['n: [\n]\nt: {e\n: nu}', '3:5: a key and its colon must be on one line'],
  [
    'a: [\n]\nb:\n-\tc',
    '4:2: expected a space after a dash, a question mark or a colon, not a tab',
  ],
  ['a: [\n]\nb: {c:[1]}', '3:6: expected a space after the colon'],
  ['a: [1]\u0085 b', '1:9: bad indentation of a mapping entry, or text after the end of a value'],
  [' a: 1\n |\n  b\n', `2:2: ${UNFIT_LINE}`],
  [' a: |\n  b\n |\n  c\n', `3:2: ${UNFIT_LINE}`],
  [' x\ny: 1', `2:2: ${UNFIT_LINE}`],
  ['>#\nb', '2:1: a block text must be indented'],
  ['a: !! b', '1:4: a tag needs a name after !!'],
  ['\t\na:\n  b: [\n  ]\n', '1:1: a blank line must not have a tab'],
  ['a: 1\n%YAML 1.2\n---\n', '2:1: expected ... on a line before a line that starts with %'],
];

for (const [text, expected] of REFUSED)
  test(`YAML ${JSON.stringify(text)} is refused, as by every reader`, () =>
    assert.deepEqual(said(yaml, text), [`f:${expected} [LG_VALIDATE_SYNTAX]`]));

const TAG = 'the value does not fit its tag for every reader';
const UNFIT = 'the value does not fit its tag, which only Go ignores';
const OLD = 'only Python and Go end a line at this character';
const MARK = 'Go ends text in brackets at a question mark; put it in quotes';
const TAB_AFTER = 'a tab must not indent the line after text in brackets';
const MERGED = 'has a byte order mark between lines; perhaps files were joined';
const DIRECTIVE = 'some readers accept only the directives %YAML 1.1 and %TAG';
const LONG_KEY = 'a key and its colon must be on one line';
const TAB_LINE = 'a blank line must not have a tab';
const LOW_MARK = 'the mark of a block text must be indented more than its key';
const LOW_TEXT = 'text must not be indented less than its first line';
const TAB = 'expected a space after a dash, a question mark or a colon, not a tab';

/** Some reader accepts it. */
const WARNED: readonly (readonly [text: string, value: unknown, said: string])[] = [
  ['a: !!map\n- 1\n', { a: [1] }, `1:4: ${UNFIT}`],
  ['a: !!int {b: 1}\n', { a: { b: 1 } }, `1:4: ${UNFIT}`],
  ['a: !!seq x\n', { a: 'x' }, `1:4: ${UNFIT}`],
  ['a: !!str [b]\n', { a: ['b'] }, `1:4: ${UNFIT}`],
  ['a: !!null x\n', { a: null }, `1:4: ${TAG}`],
  ['a: !!bool off\n', { a: false }, `1:4: ${TAG}`],
  ['a: !!int 1_000\n', { a: 1000 }, `1:4: ${TAG}`],
  ['a: !!float 0x1F\n', { a: 31 }, `1:4: ${TAG}`],
  ['a: !<tag:yaml.org,2002:merge> x\n', { a: 'x' }, `1:4: ${UNFIT}`],
  ['c: 1\n<<: !!int {a: b}\n', { c: 1, a: 'b' }, `2:5: ${UNFIT}`],
  ['- a\n-\tb\n', ['a', 'b'], `2:2: ${TAB}`],
  ['? a\n:\t1\n', { a: 1 }, `2:2: ${TAB}`],
  ['- a: [b]\n \t\n- c\n', [{ a: ['b'] }, 'c'], `2:1: ${TAB_LINE}`],
  ['{a\n: [b]}', { a: ['b'] }, `1:2: ${LONG_KEY}`],
  ['{a:[1]}', { a: [1] }, '1:3: expected a space after the colon'],
  ['[a:]', [{ a: null }], '1:3: PyYAML expects a space after the colon'],
  ['{a: b?c}', { a: 'b?c' }, `1:6: ${MARK}`],
  ['a: b\u2028c: d', { a: 'b', c: 'd' }, `1:5: ${OLD}`],
  ['a: |\u0085  b\nc: [\n]\u2029', { a: 'b\n', c: [] }, `1:5: ${OLD}`],
  ['[]\n\uFEFF# a\n', [], `2:1: ${MERGED}`],
  ['a: [b\n\t]', { a: ['b'] }, `2:1: ${TAB_AFTER}`],
  ['a: [b # c\n\n\t\t]\nd: {e\n \t\n\t}', { a: ['b'], d: { e: null } }, `6:1: ${TAB_AFTER}`],
  ['a: |# b\n  c', { a: 'c\n' }, '1:5: expected a space before the # of a comment'],
  ['{a\n: b}', { a: 'b' }, `1:2: ${LONG_KEY}`],
  ['{a b\n c: 1}', { 'a b c': 1 }, `1:2: ${LONG_KEY}`],
  ['{"a" # c\n: b}', { a: 'b' }, `1:2: ${LONG_KEY}`],
  ['{x: y, !!str\n a: b}', { x: 'y', a: 'b' }, `1:8: ${LONG_KEY}`],
  ['{x: &a y, *a\n : b}', { x: 'y', y: 'b' }, `1:11: ${LONG_KEY}`],
  ['{: 1}\n', { null: 1 }, '1:2: expected a key before the colon'],
  ['[a, : 1]\n', ['a', { null: 1 }], '1:5: expected a key before the colon'],
  ['# c\n...\na: 1\n', { a: 1 }, '2:1: has ... before the first document'],
  ['---\n...\n# c\n\na: 1\n', { a: 1 }, '5:1: expected --- before the next document'],
  ['%A\n---\na: 1\n', { a: 1 }, `1:1: ${DIRECTIVE}`],
  ['%YAML 1.1\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n', { b: 2 }, `5:1: ${DIRECTIVE}`],
  [' a:\n |-2\n   b\n   c\n d: 1\n', { a: 'b\nc', d: 1 }, `2:2: ${LOW_MARK}`],
  ['a: &x\n> # c\n b\nc: 1\n', { a: 'b\n', c: 1 }, `2:1: ${LOW_MARK}`],
  ['- \n|\n a\n- b\n', ['a\n', 'b'], `2:1: ${LOW_MARK}`],
  ['--- \n  x\n y\n[\n...\n', 'x y [', `3:2: ${LOW_TEXT}`],
  ['--- |\na: 1\n---\n>\n\n b\n', '\nb\n', '2:1: a block text must be indented'],
  [
    'a: "\\\\/\\/"\n',
    { a: '\\//' },
    '1:8: Go does not know the escape sequence \\/; the slash needs none',
  ],
];

for (const [text, value, expected] of WARNED)
  test(`P11: YAML ${JSON.stringify(text)}, which a reader accepts, is a warning`, () => {
    assert.deepEqual(valuesOf(yaml, text).at(-1), value);
    assert.deepEqual(warned(yaml, text), [`f:${expected} [LG_VALIDATE_DIALECT]`]);
  });

test('what each reader refuses for another reason is an error at the last of them', () => {
  const lines = (format: typeof yaml, text: string | Buffer) =>
    parseFile({ path: 'f', bytes: Buffer.from(text as string), secret: false }, format)
      .findings.filter(({ severity }) => severity === 'error')
      .map(formatFinding);
  const NONE = 'no common reader of the format accepts all lines:';
  assert.deepEqual(lines(yaml, '%YAML 1.2\n---\na: "\\/"\nb: !!map [1]\n'), [
    `f:4:4: ${NONE} ${UNFIT} [LG_VALIDATE_SYNTAX]`,
  ]);
  assert.deepEqual(lines(yaml, 'a: {b\n\tc}'), [
    `f:2:1: ${NONE} a tab must not indent a line of text in brackets [LG_VALIDATE_SYNTAX]`,
  ]);
  assert.deepEqual(lines(yaml, '- "\\/"\n-\t"\\/"\n- a: [?b]\n'), []);
  const utf16 = Buffer.from('\uFEFF{\n"a": 1 // b\n}', 'utf16le');
  assert.match(lines(json, utf16)[0] ?? '', /^f:2:8: no common reader .*comments are not part/);
  assert.deepEqual(lines(json, '// a\n[1,]'), []);
});

test('an alias of a value in another document says so', () =>
  assert.deepEqual(said(yaml, 'a: &x 1\n---\nb: *x\n'), [
    'f:3:4: only Go knows the anchors of another document: unknown alias "x" [LG_VALIDATE_SYNTAX]',
  ]));

test('what looks like it in texts and comments is no warning', () => {
  for (const text of [
    'a: |\n  -\tb\n  ...\n  %A\nc: "x\n  -\ty"\n# -\tz\nd: x\n  -\ty\n',
    'a: 1\n...\n# c\n---\nb: 2\n...\n...\n',
    '? \n: 1\n',
    '{? a\n : 1, b\n , "c"\n }\n',
    'a: "\\\\/"\nb: \'\\/\'\n',
  ])
    assert.deepEqual(warned(yaml, text), [], text);
});

test('many keys that are not written take no time that grows with their square', () => {
  for (const part of ['{?},', '[: 1],', '? ,', '[{: {}}],'])
    said(yaml, `[${part.repeat(100_000)}]`);
  said(yaml, '...\n'.repeat(100_000));
  said(yaml, `a: [\n]\nb: {a${'\n\t'.repeat(200_000)}c}`);
  said(yaml, `a: "${'\\\\'.repeat(200_000)}\\/"`);
});

test('whatever is changed for js-yaml, positions are those of the file', () => {
  const blank = fc.constantFrom('', ' ', '\t', '\n', '\n\t', '\n  ', ' # c\n', '# c\n', '\r\n');
  const entry = fc.tuple(fc.constantFrom(' ', '\t', ' \t'), blank, blank, blank, blank);
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 5 }), (entries) => {
      const lines = entries.map(
        ([space, a, b, c, d], i) =>
          `  k${i}:${space}[${a}v${i} ${b},${c}{"w${i}":\t"x${i}"${d}}${b}]${space}# e\n`,
      );
      const text = `o:\n${lines.join('')}`;
      const parsed = yaml.parse(text);
      assert.ok(parsed.ok, JSON.stringify(text));
      const found = (...path: (string | number)[]) => {
        const at = parsed.documents[0]?.locate(['o', ...path], 'value');
        return text.split(/\r?\n/)[(at?.line ?? 0) - 1]?.slice((at?.column ?? 0) - 1);
      };
      for (const i of entries.keys()) {
        assert.ok(found(`k${i}`, 0)?.startsWith(`v${i}`), JSON.stringify(text));
        assert.ok(found(`k${i}`, 1, `w${i}`)?.startsWith(`"x${i}"`), JSON.stringify(text));
      }
      const twice = said(yaml, `${text}  k0: 1\n`)[0];
      const line = text.split(/\r?\n/).length;
      assert.equal(twice, `f:${line}:3: duplicate key "k0" [LG_VALIDATE_DUPLICATE_KEY]`);
    }),
  );
});

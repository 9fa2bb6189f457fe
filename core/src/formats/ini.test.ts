import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '../model/finding.ts';
import { locator, said, valuesOf, warned } from './formats.testing.ts';
import { ini } from './ini.ts';
import { parseFile } from './parse-file.ts';

test('sections of keys become objects of texts, with either delimiter', () => {
  const text = '[db]\nhost = a:1\nport: 5432 ; kept\nempty =\n[DEFAULT]\r\nx=%(y)s\n';
  assert.deepEqual(valuesOf(ini, text), [
    { db: { host: 'a:1', port: '5432 ; kept', empty: '' }, DEFAULT: { x: '%(y)s' } },
  ]);
});

test('comments are whole lines, and stand after the name of a section', () => {
  assert.deepEqual(valuesOf(ini, '# a\n  ; b\n[s] ; c\n#[t]\nk = v # d\n'), [
    { s: { k: 'v # d' } },
  ]);
});

test('a line that is indented deeper goes on with the value, also after a blank one or a comment', () => {
  const text = '[s]\na =\n  b\n\n  c = d\n# e\n  f\n\n g = 1\n  h\n i = 2\n';
  assert.deepEqual(valuesOf(ini, text), [{ s: { a: '\nb\n\nc = d\nf\n\ng = 1\nh\ni = 2' } }]);
  assert.deepEqual(valuesOf(ini, '[s]\n  a = 1\n  b = 2\n'), [{ s: { a: '1', b: '2' } }]);
});

test('a key above the first section is a key of the top', () => {
  assert.deepEqual(valuesOf(ini, 'app_mode = production\n[paths]\ndata = /x\n'), [
    { app_mode: 'production', paths: { data: '/x' } },
  ]);
});

const repeatedFor = (accept: string, key: string) =>
  `repeated key; ${accept} it, other readers refuse it or keep one value: "${key}" [LG_VALIDATE_DIALECT]`;

test('P11: a repeated key is a list, and the warning names the program that accepts it', () => {
  const php = '; PHP\nextension=curl\nextension=gd\n[opcache]\na[] = 1\na[] = 2\na[] = 3\n';
  assert.deepEqual(valuesOf(ini, php), [
    { extension: ['curl', 'gd'], opcache: { 'a[]': ['1', '2', '3'] } },
  ]);
  assert.equal(warned(ini, php)[0], `f:3:1: ${repeatedFor('PHP accepts', 'extension')}`);
  const unit = '[Service]\nExecStart=\nExecStart=/bin/app\n';
  assert.deepEqual(valuesOf(ini, unit), [{ Service: { ExecStart: ['', '/bin/app'] } }]);
  assert.deepEqual(warned(ini, unit), [`f:3:1: ${repeatedFor('systemd accepts', 'ExecStart')}`]);
  const git = '[remote "a"]\n\tfetch = x\n\tfetch = y\n';
  assert.deepEqual(warned(ini, git), [`f:3:2: ${repeatedFor('git accepts', 'fetch')}`]);
  const at = locator(ini, unit);
  assert.equal(at('Service', 'ExecStart', 1), '3:11 key 3:1');
});

test('P11: keys that differ only by their case are one key to configparser, and two values', () => {
  const text = '[a]\nPort = 1\nport = 2\n[A]\n';
  assert.deepEqual(valuesOf(ini, text), [{ a: { Port: '1', port: '2' }, A: {} }]);
  assert.deepEqual(warned(ini, text), [
    `f:3:1: ${repeatedFor('PHP, systemd and git accept', 'port')}`,
  ]);
});

test('P11: the keys of a repeated section are those of one section', () => {
  const text = '[a]\nb = 1\n[c]\n[a]\nd = 2\nb = 3\n';
  assert.deepEqual(valuesOf(ini, text), [{ a: { b: ['1', '3'], d: '2' }, c: {} }]);
  assert.equal(warned(ini, text)[0], 'f:4:1: repeated section [LG_VALIDATE_DIALECT]');
});

test('P11: what one of PHP, git or configparser accepts is a warning', () => {
  const text = '[core]\n\tbare\n[url "x"] insteadOf = y\n[]\nz = 1\n[a] b\n';
  assert.deepEqual(valuesOf(ini, text), [
    { core: { bare: '' }, 'url "x"': { insteadOf: 'y' }, '': { z: '1' }, a: {} },
  ]);
  assert.deepEqual(warned(ini, text), [
    'f:2:2: a key without a value [LG_VALIDATE_DIALECT]',
    'f:3:10: unexpected text after the section [LG_VALIDATE_DIALECT]',
    'f:4:1: a section without a name [LG_VALIDATE_DIALECT]',
    'f:6:4: unexpected text after the section [LG_VALIDATE_DIALECT]',
  ]);
  const quoted = 'a = "one\ntwo\nthree"\nb\n';
  assert.deepEqual(valuesOf(ini, quoted), [{ a: '"one\ntwo\nthree"', b: '' }]);
  assert.equal(warned(ini, quoted).length, 3);
});

test('a line that is a template is an error, even where configparser would read it as a key', () => {
  assert.equal(said(ini, '[a]\n{{- end }}\n').length, 1);
});

test('every mistake is reported, not just the first', () => {
  assert.deepEqual(said(ini, '[a]\n= 1\nc = 1\n[d\n= 3\n'), [
    'f:2:1: expected a key before the value [LG_VALIDATE_SYNTAX]',
    'f:4:1: a section is not closed with ] [LG_VALIDATE_SYNTAX]',
    'f:5:1: expected a key before the value [LG_VALIDATE_SYNTAX]',
  ]);
});

test('many repeats and line separators take time in proportion', () => {
  assert.equal(valuesOf(ini, `a = 1\n${'\u2028'.repeat(300_000)}`).length, 1);
  const text = `[a]\n${'b = 1\n'.repeat(100_000)}`;
  const [value] = valuesOf(ini, text) as readonly { a: { b: readonly string[] } }[];
  assert.equal(value?.a.b.length, 100_000);
  assert.equal(warned(ini, text).length, 1000);
});

test('a file of comments alone is an object without keys, and an empty one is refused', () => {
  assert.deepEqual(valuesOf(ini, '# a\n; b'), [{}]);
  assert.deepEqual(said(ini, '\n'), ['f:1:1: has no INI value [LG_VALIDATE_EMPTY]']);
});

test('a key, a value and a missing value are located', () => {
  const at = locator(ini, 'top=1\n[s]\n  key  : value\n  empty =\n');
  assert.equal(at('top'), '1:5 key 1:1');
  assert.equal(at('s'), '2:1 key 2:1');
  assert.equal(at('s', 'key'), '3:10 key 3:3');
  assert.equal(at('s', 'empty'), '4:10 key 4:3');
  assert.equal(at('s', 'missing'), '2:1 key 2:1');
});

test('no key changes the prototype of anything', () => {
  assert.equal(said(ini, '[__proto__]\npolluted = 1\n')[0]?.endsWith('RESERVED_KEY]'), true);
  assert.deepEqual(valuesOf(ini, '[constructor]\ntoString = 1\n'), [
    { constructor: { toString: '1' } },
  ]);
  assert.equal('polluted' in {}, false);
});

test('P11: a file that one reader accepts is accepted, and one that none accepts is refused', () => {
  const said = (text: string) =>
    parseFile({ path: 'f', bytes: Buffer.from(text), secret: false }, ini)
      .findings.filter(({ severity }) => severity === 'error')
      .map(formatFinding);
  const ACCEPTED = [
    ...['a=1\n[s]\n', ':\n', '[s]\nb\n', '[s]\n"a\nb]=\n', '[a "b"]\n\tx = \\"q\\"\n', '[s] x\n'],
    ...[
      'a\nb = "c\nd={"\n',
      'a = E_ALL & ~E_NOTICE\nb = "c\n= d"\ne = Off\n',
      'on = 1\n',
      'a\nb = "c\nd={" \\ $\\=\n',
      'x = `\n:\n`\n',
    ],
    // As PHP alone reads them.
    ...['?\nno', '?\n\t[]\n', '?\n []=1\n', '?\na = "b\nc"\nd = \'"\'\n', "?\nd = b'c\n"],
  ];
  for (const text of ACCEPTED) assert.deepEqual(said(text), [], JSON.stringify(text));
  const NONE = 'no common reader of the format accepts all lines';
  const refused = (line: string) => [`f:${line} [LG_VALIDATE_SYNTAX]`];
  assert.deepEqual(said('[s]x\n: 1\n'), []);
  assert.deepEqual(said('on\n: 1\n'), refused(`2:1: ${NONE}: expected a key before the value`));
  assert.deepEqual(said('a\nb: {\n'), refused(`2:4: ${NONE}`));
  const LONE = `${NONE}: a key without a value`;
  assert.deepEqual(said('?\nno\n'), refused(`2:1: ${LONE}`));
  assert.deepEqual(said('a[]=\n []\n'), refused(`2:2: ${NONE}`));
  assert.deepEqual(said('?\n[\0]\n'), refused(`2:1: ${NONE}`));
  assert.deepEqual(said('?\na = "b\nc"\nd = \'e\n'), refused(`4:3: ${NONE}`));
  assert.deepEqual(said('[s]\n}\n\u0085h\n'), refused(`3:1: ${LONE}`));
});

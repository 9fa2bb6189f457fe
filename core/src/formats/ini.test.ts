import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locator, said, valuesOf } from './formats.testing.ts';
import { ini } from './ini.ts';

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

test('keys are compared as in configparser: not by their case', () => {
  assert.deepEqual(said(ini, '[a]\nPort = 1\nport = 2\n[A]\n'), [
    'f:3:1: duplicate key "port" [LG_VALIDATE_DUPLICATE_KEY]',
  ]);
});

test('every mistake is reported, not just the first', () => {
  assert.deepEqual(said(ini, '[a]\nb\nc = 1\nc = 2\n[d\n= 3\n'), [
    'f:2:1: expected "=" or ":" after the key [LG_VALIDATE_SYNTAX]',
    'f:4:1: duplicate key "c" [LG_VALIDATE_DUPLICATE_KEY]',
    'f:5:1: a section is not closed with ] [LG_VALIDATE_SYNTAX]',
    'f:6:1: expected a key before the value [LG_VALIDATE_SYNTAX]',
  ]);
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

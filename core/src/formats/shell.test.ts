import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import { locator, said, valuesOf } from './formats.testing.ts';
import { shell } from './shell.ts';

test('values are read as the shell reads them', () => {
  const text =
    '#!/bin/sh\nexport A="v"\nB=a\\ b"c \\"d\\x"\'e $f\'# ;\n\tC=\nD= # c\nE=\'x\ny\'; # d\nF="1\\\n2" ;\nG=100$\nH="\\\\a\\$"\n';
  assert.deepEqual(valuesOf(shell, text), [
    { A: 'v', B: 'a bc "d\\xe $f#', C: '', D: '', E: 'x\ny', F: '12', G: '100$', H: '\\a$' },
  ]);
});

test('what is accepted means to a POSIX shell what it means here', () => {
  const word = fc.string({
    unit: fc.constantFrom(...'a""\'\'\\\\$ #;\n='.split('')),
    maxLength: 8,
  });
  const accepted = fc.sample(word, { numRuns: 4000, seed: 20 }).flatMap((value) => {
    const parsed = shell.parse(`K=${value}`);
    return parsed.ok ? [{ value, read: Object(parsed.documents[0]?.value).K }] : [];
  });
  assert.ok(accepted.length > 200);
  const script = accepted.map(({ value }) => `K=${value}\nprintf '%s\\0' "$K"\n`).join('');
  const out = execFileSync('/bin/sh', { input: script, encoding: 'utf8' });
  assert.deepEqual([...accepted.map(({ read }) => read), ''], out.split('\0'));
});

test('everything that would run a command is refused at its position', () => {
  for (const [text, place] of [
    ['A=$(id)', 3],
    ['A="x$(id)"', 5],
    ['A=`id`', 3],
    ['A="`id`"', 4],
    ['id', 1],
    ['. /x', 1],
    ['A=1; id', 4],
    ['A=1 id', 5],
    ['A= id', 3],
    ['A=1&id', 4],
    ['A=1|id', 4],
    ['A=<(id)', 3],
    ['A=(id)', 3],
    ['A=\\\n`id`', 1],
    ['A="$(id)$B"', 4],
    ['export -p', 1],
  ] as const) {
    const [line, ...more] = said(shell, text);
    const expected = text.includes('\n') ? 'f:2:1: ' : `f:1:${place}: `;
    assert.ok(line?.startsWith(expected) && more.length === 0, `${text} ${line} ${more}`);
  }
});

test('every mistake is reported, not just the first', () => {
  assert.deepEqual(said(shell, 'A=1\nB = 2\nA=3\nC= 4\nD-E=5\nF="$G"\n'), [
    'f:2:1: a space before the "=" is not allowed [LG_VALIDATE_SYNTAX]',
    'f:3:1: duplicate key "A" [LG_VALIDATE_DUPLICATE_KEY]',
    'f:4:3: a space after the "=" is not allowed [LG_VALIDATE_SYNTAX]',
    'f:5:1: a name may have letters, digits and "_" only, and must not start with a digit [LG_VALIDATE_SYNTAX]',
    'f:6:4: the shell would expand this $; put the value in single quotes [LG_VALIDATE_SYNTAX]',
  ]);
});

test('a quote that is not closed is reported at its position, though the next one closes it', () => {
  const unclosed = ['f:1:4: a double quote is not closed [LG_VALIDATE_SYNTAX]'];
  for (const text of ['A=x"y\nB=1\n', 'A=x"y\nB="z w"\n', 'A=x"y\nB="z"\n'])
    assert.deepEqual(said(shell, text)[0], unclosed[0], text);
});

test('a file of comments alone is an object without keys, and an empty one is refused', () => {
  assert.deepEqual(valuesOf(shell, '# a\n\n'), [{}]);
  assert.deepEqual(said(shell, '\n'), ['f:1:1: has no shell value [LG_VALIDATE_EMPTY]']);
});

test('a name, a value and a missing value are located', () => {
  const at = locator(shell, 'A="x\ny"\n  export  e=1\n');
  assert.equal(at('A'), '1:3 key 1:1');
  assert.equal(at('e'), '3:13 key 3:11');
  assert.equal(at('missing'), '1:1 key 1:1');
});

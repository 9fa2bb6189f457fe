import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'dotenv';
import { fc } from '../../../test/property.ts';
import { formatFinding } from '../model/finding.ts';
import { env } from './env.ts';
import { findingsIn, locator, said, valuesOf, warned } from './formats.testing.ts';
import { parseFile } from './parse-file.ts';

test('values are read with quotes, over lines and with comments', () => {
  const text =
    '# a\nA=1\nexport B = two words  # c\nC="x\\ny # \\"q\\"" # d\nD=\'\n$x\'\r\nE=`"`\nF=\nG.h-i=a#b\n';
  assert.deepEqual(valuesOf(env, text), [
    { A: '1', B: 'two words', C: 'x\ny # \\"q\\"', D: '\n$x', E: '"', F: '', 'G.h-i': 'a' },
  ]);
});

test('what is accepted without a warning means to dotenv what it means here', () => {
  const line = fc.string({ unit: fc.constantFrom(...'AB=="\'` #\\n\nx:\t'.split('')) });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 4 }), (parts) => {
      const text = parts.map((part) => `K=${part}`).join('\n');
      const parsed = env.parse(text);
      if (parsed.ok && parsed.warnings?.length === 0)
        assert.deepEqual(parsed.documents[0]?.value, { ...parse(text) });
    }),
    { numRuns: 5000 },
  );
});

test('P11: what only Docker or another reader accepts is a warning', () => {
  const text = 'A=1\nB\nA=2\n1C=3\nD: 4\nE="x" y\nF="z\nG=\'x\'\n';
  assert.deepEqual(warned(env, text), [
    'f:2:1: a name without a value: Docker and kubectl take the value from their own environment [LG_VALIDATE_DIALECT]',
    'f:3:1: duplicate key "A" [LG_VALIDATE_DUPLICATE_KEY]',
    'f:4:1: a name usually has only letters, digits, "_", "." and "-", and does not start with a digit [LG_VALIDATE_DIALECT]',
    'f:5:1: expected "=" after the name, not ":" [LG_VALIDATE_DIALECT]',
    'f:6:7: unexpected text after the value; put the whole value in quotes [LG_VALIDATE_DIALECT]',
    'f:7:3: a double quote is not closed [LG_VALIDATE_DIALECT]',
  ]);
  const [value] = valuesOf(env, text);
  assert.deepEqual(value, { A: '2', B: '', '1C': '3', 'D: 4': '', E: '"x" y', F: '"z', G: 'x' });
});

test('what no reader accepts is reported in every line', () => {
  assert.equal(warned(env, '=5\nB C=1\nD # c\n: 1\nE# c\nF G: 1\nç 1').length, 7);
  assert.deepEqual(said(env, 'A=1\n{{ end }}\nB C\n'), [
    'f:2:1: perhaps a template such as {{ … }} was not rendered: expected NAME=value [LG_VALIDATE_SYNTAX]',
    'f:3:1: expected NAME=value [LG_VALIDATE_SYNTAX]',
  ]);
});

test('a quote that is not closed is reported at its position, though the next one closes it', () => {
  const unclosed = 'f:1:3: a double quote is not closed [LG_VALIDATE_DIALECT]';
  assert.deepEqual(warned(env, 'A="x\nB=1\n'), [unclosed]);
  assert.deepEqual(warned(env, 'A="x\nB="y"\nC=1\n'), [unclosed]);
});

test('a file of comments alone is an object without keys, and an empty one is refused', () => {
  assert.deepEqual(valuesOf(env, '# a\n\n'), [{}]);
  assert.deepEqual(said(env, ' '), ['f:1:1: has no env value [LG_VALIDATE_EMPTY]']);
});

test('a name, a value and a missing value are located', () => {
  const at = locator(env, 'A="x\ny"\r\n  export  e = 1\n');
  assert.equal(at('A'), '1:3 key 1:1');
  assert.equal(at('e'), '3:15 key 3:11');
  assert.equal(at('missing'), '1:1 key 1:1');
});

test('quotes that are never closed take no longer the more there are', () => {
  assert.ok(findingsIn(env, 'A="\\"'.repeat(200_000)).length > 0);
  assert.ok(findingsIn(env, "A='\n".repeat(100_000)).length > 0);
});

test('P11: a file that one reader accepts is accepted, and one that none accepts is refused', () => {
  const said = (text: string | Buffer) => {
    const file = { path: 'f', bytes: Buffer.from(text as string), secret: false };
    return parseFile(file, env)
      .findings.filter(({ severity }) => severity === 'error')
      .map(formatFinding);
  };
  const ALONE =
    'a name without a value: Docker and kubectl take the value from their own environment';
  const refused = (line: string) => `f:${line} [LG_VALIDATE_SYNTAX]`.replace('NONE', NONE);
  const NONE = 'no common reader of the format accepts all lines';
  for (const text of [
    'A="b" c\nD\n',
    'A# c\n',
    'A: 1\n',
    'A B',
    'export #',
    "\u2028: 1\n=''\u3000",
    Buffer.from("=''\n\xe7 1", 'latin1'),
  ])
    assert.deepEqual(said(text), [], JSON.stringify(text));
  assert.deepEqual(said('A: 1\nB\n'), [refused('1:1: NONE: expected "=" after the name, not ":"')]);
  assert.deepEqual(said(Buffer.from('A\n\xe9="b\n', 'latin1')), [refused(`1:1: NONE: ${ALONE}`)]);
});

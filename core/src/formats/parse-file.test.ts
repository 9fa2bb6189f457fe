import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatFinding } from '../model/finding.ts';
import type { Format } from './format.ts';
import { decode, parseFile } from './parse-file.ts';
import { dialectIssue } from './syntax-issues.ts';
import { text } from './text.ts';

test('UTF-8 is decoded, also when it is empty or holds the replacement character itself', () => {
  for (const content of ['', 'a: 1\n', 'é 漢 😀', 'a\uFFFDb'])
    assert.deepEqual(decode(Buffer.from(content)), { ok: true, text: content });
});

test('invalid UTF-8 is refused at the line and column of its first bad byte', () => {
  const places: readonly (readonly [Buffer, line: number, column: number])[] = [
    [Buffer.from([0xff]), 1, 1],
    [Buffer.from('a: 1\nb: \xe9t\xe9\n', 'latin1'), 2, 4],
    [Buffer.concat([Buffer.from('é: \uFFFD\r\nk: '), Buffer.from([0xc3])]), 2, 4],
    [Buffer.concat([Buffer.from('😀'), Buffer.from([0xed, 0xa0, 0x80])]), 1, 3],
    [Buffer.from('\uFEFFa: 1\n', 'utf16le'), 1, 1],
  ];
  for (const [bytes, line, column] of places) {
    const parsed = parseFile({ path: 'f', bytes, secret: false }, text);
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.findings.map(({ code, location }) => ({ code, location })),
      [{ code: 'LG_VALIDATE_ENCODING', location: { file: 'f', line, column } }],
    );
  }
});

test('a byte order mark is refused', () => {
  assert.deepEqual(decode(Buffer.from('\uFEFFa: 1\n')), {
    ok: false,
    text: '\uFEFFa: 1\n',
    issues: [{ code: 'LG_VALIDATE_BOM', args: [], at: 0 }],
  });
});

test('whatever the bytes, the text is given back exactly or it is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      const bytes = Buffer.from(array);
      const decoded = decode(bytes);
      if (decoded.ok) assert.deepEqual(Buffer.from(decoded.text), bytes);
      else assert.equal(decoded.issues.length, 1);
    }),
  );
});

const lenient: Format = {
  name: 'text',
  extensions: [],
  parse: (text) => ({
    ok: true,
    documents: text === '' ? [] : [{ value: text, locate: () => ({ line: 1, column: 1 }) }],
    warnings: text.includes('!') ? [dialectIssue('has a mark', text.indexOf('!'), '!')] : [],
  }),
};

function saidOf(text: string, strict: boolean, secret = false) {
  const parsed = parseFile({ path: 'f', bytes: Buffer.from(text), secret }, lenient, strict);
  return [parsed.ok, ...parsed.findings.map((each) => `${each.severity} ${formatFinding(each)}`)];
}

test('P11: what only some readers accept is a warning, and an error if strict', () => {
  const said = 'f:2:2: has a mark ! [LG_VALIDATE_DIALECT]';
  assert.deepEqual(saidOf('a\nb!', false), [true, `warning ${said}`]);
  assert.deepEqual(saidOf('a\nb!', true), [false, `error ${said}`]);
  assert.deepEqual(saidOf('a\nb', true), [true]);
});

test('P8: a warning does not quote a secret', () => {
  const said = 'warning f:1:1: has a mark [LG_VALIDATE_DIALECT]';
  assert.deepEqual(saidOf('!', false, true), [true, said]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode } from './decode.ts';

test('UTF-8 is decoded, also when it is empty or holds the replacement character itself', () => {
  for (const text of ['', 'a: 1\n', 'é 漢 😀', 'a\uFFFDb'])
    assert.deepEqual(decode(Buffer.from(text)), { ok: true, text });
});

test('invalid UTF-8 is refused at the line and column of its first bad byte', () => {
  const places: readonly (readonly [Buffer, line: number, column: number])[] = [
    [Buffer.from([0xff]), 1, 1],
    [Buffer.from('a: 1\nb: \xe9t\xe9\n', 'latin1'), 2, 4],
    [Buffer.concat([Buffer.from('é: \uFFFD\r\nk: '), Buffer.from([0xc3])]), 2, 4],
    [Buffer.concat([Buffer.from('😀'), Buffer.from([0xed, 0xa0, 0x80])]), 1, 3],
    [Buffer.from('\uFEFFa: 1\n', 'utf16le'), 1, 1],
  ];
  for (const [bytes, line, column] of places)
    assert.deepEqual(decode(bytes), {
      ok: false,
      problems: [{ code: 'LG_VALIDATE_ENCODING', args: [], line, column }],
    });
});

test('a byte order mark is refused', () => {
  assert.deepEqual(decode(Buffer.from('\uFEFFa: 1\n')), {
    ok: false,
    problems: [{ code: 'LG_VALIDATE_BOM', args: [], line: 1, column: 1 }],
  });
});

test('whatever the bytes, the text is given back exactly or it is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      const bytes = Buffer.from(array);
      const decoded = decode(bytes);
      if (decoded.ok) assert.deepEqual(Buffer.from(decoded.text), bytes);
      else assert.equal(decoded.problems.length, 1);
    }),
  );
});

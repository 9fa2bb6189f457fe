import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../test/property.ts';
import { decode } from './encoding.ts';
import { FORMAT_NAMES, type FormatName } from './format.ts';
import { FORMATS } from './formats.ts';
import { parseFile } from './parse-file.ts';

/** The findings of a file, and its value if it is accepted. */
function read(format: FormatName, bytes: Buffer) {
  const parsed = parseFile({ path: 'f', bytes, secret: false }, FORMATS[format]);
  const said = parsed.findings.map(
    ({ severity, message, location }) =>
      `${severity} ${location?.line}:${location?.column} ${message}`,
  );
  return { said, value: parsed.ok ? parsed.documents[0]?.value : undefined };
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');

test('UTF-8 is decoded, also when it is empty or holds the replacement character itself', () => {
  for (const text of ['', 'a: 1\n', 'é 漢 😀', 'a\uFFFDb'])
    assert.deepEqual(decode(Buffer.from(text), 'yaml'), { ok: true, text, warnings: [] });
});

test('P11: other bytes are Latin-1, as for Java, where a reader of the format takes them', () => {
  assert.deepEqual(read('properties', latin1('a=1\nname=M\xfcller\n')), {
    said: ['warning 2:7 is not valid UTF-8'],
    value: { a: '1', name: 'Müller' },
  });
  assert.deepEqual(read('ini', latin1('[a]\nb = \xe9\n')).value, { a: { b: 'é' } });
  assert.deepEqual(read('json', latin1('{"a": "\xe9"}')).value, { a: 'é' });
  assert.deepEqual(read('env', latin1('A=\xe9\n')).value, { A: 'é' });
  assert.deepEqual(read('text', Buffer.from([0xff])).said, ['warning 1:1 is not valid UTF-8']);
});

test('where all readers refuse other bytes, the first one is an error at its line and column', () => {
  const places: readonly (readonly [Buffer, line: number, column: number])[] = [
    [Buffer.from([0xff]), 1, 1],
    [latin1('a: 1\nb: \xe9t\xe9\n'), 2, 4],
    [Buffer.concat([Buffer.from('é: \uFFFD\r\nk: '), Buffer.from([0xc3])]), 2, 4],
    [Buffer.concat([Buffer.from('😀'), Buffer.from([0xed, 0xa0, 0x80])]), 1, 3],
  ];
  for (const [bytes, line, column] of places)
    for (const format of ['yaml', 'toml', 'binary'] as const)
      assert.deepEqual(read(format, bytes), {
        said: [`error ${line}:${column} is not valid UTF-8`],
        value: undefined,
      });
});

test('of a file that its format refuses anyway, the first finding is the encoding', () => {
  assert.deepEqual(read('json', latin1('{"a": \xe9}')).said, [
    'error 1:7 is not valid UTF-8',
    'error 1:7 unexpected text; strings must be in double quotes',
  ]);
});

test('P11: a byte order mark is no part of the text, and a warning', () => {
  for (const [format, text] of [
    ['yaml', 'a: b'],
    ['json', '{"a": "b"}'],
    ['toml', 'a = "b"'],
    ['env', 'a=b'],
    ['properties', 'a=b'],
  ] as const)
    assert.deepEqual(read(format, Buffer.from(`\uFEFF${text}`)), {
      said: ['warning 1:1 starts with a byte order mark'],
      value: { a: 'b' },
    });
});

test('a byte order mark is an error in a pull secret, which only Go reads', () => {
  assert.deepEqual(read('dockerconfigjson', Buffer.from('\uFEFF{"auths": {}}')).said, [
    'error 1:1 starts with a byte order mark',
  ]);
});

test('P11: UTF-16 is decoded where a reader does so, and called by its name everywhere', () => {
  const little = Buffer.from('\uFEFF{"a": "é"}', 'utf16le');
  for (const bytes of [little, Buffer.from(little).swap16()])
    for (const format of ['yaml', 'json'] as const)
      assert.deepEqual(read(format, bytes), {
        said: ['warning 1:1 is UTF-16, not UTF-8'],
        value: { a: 'é' },
      });
  assert.deepEqual(read('toml', Buffer.from('\uFEFFa = 1', 'utf16le')).said, [
    'error 1:1 is UTF-16, not UTF-8',
  ]);
});

test('whatever the bytes, no two files become the same text', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(...FORMAT_NAMES), (array, format) => {
      const bytes = Buffer.from(array);
      const decoded = decode(bytes, format);
      if (!decoded.ok) return assert.equal(decoded.issues.length, 1);
      const [warning] = decoded.warnings;
      const encoding = warning?.code === 'LG_VALIDATE_ENCODING' ? 'latin1' : 'utf8';
      if (warning?.args[0] === 'is UTF-16, not UTF-8' || warning?.code === 'LG_VALIDATE_BOM')
        return;
      assert.deepEqual(Buffer.from(decoded.text, encoding), bytes);
    }),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeInvisible, escapeInvisibleInJson, maskInvisible } from './escape.ts';
import { formatFinding } from './finding.ts';

test('line breaks, escape, bidirectional and zero-width characters become escapes', () => {
  const cases = [
    ['a\nb\r\tc', String.raw`a\nb\r\tc`],
    ['\u001b[31mred', String.raw`\u001b[31mred`],
    ['user\u202egnp.exe\u2066', String.raw`user\u202egnp.exe\u2066`],
    ['pass\u200bword\ufeff', String.raw`pass\u200bword\ufeff`],
    ['a\u2028b\u0085', String.raw`a\u2028b\u0085`],
    ['\u{e0041}', String.raw`\udb40\udc41`],
    ['plain: größe = 5 µm, 日本', 'plain: größe = 5 µm, 日本'],
  ] as const;
  for (const [text, escaped] of cases) assert.equal(escapeInvisible(text), escaped);
});

test('JSON keeps its content', () => {
  const value = { a: 'x\n\u202e\u{e0041}\u2028"', b: ['\u200b'] };
  const json = escapeInvisibleInJson(JSON.stringify(value, null, 2));
  assert.doesNotMatch(json, /[\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.deepEqual(JSON.parse(json), value);
});

test('a masked text keeps its columns', () => {
  assert.equal(maskInvisible('a\tb\u202ec', '\t'), 'a\tb?c');
});

test('neither the name of a file nor a message makes a second line of a finding', () => {
  const location = { file: 'a\nmodel: ok', line: 1, column: 2 };
  const finding = { code: 'LG_VALIDATE_SYNTAX', message: 'bad\nmodel: ok', location } as const;
  const line = String.raw`a\nmodel: ok:1:2: bad\nmodel: ok [LG_VALIDATE_SYNTAX]`;
  assert.equal(formatFinding(finding), line);
});

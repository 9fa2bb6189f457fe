import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '../model/finding.ts';
import type { Format, FormatName } from './format.ts';
import { FORMATS } from './formats.ts';
import { parseFile } from './parse-file.ts';
import { dialectIssue } from './syntax-issues.ts';

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
  const parsed = parseFile({ path: 'f', bytes: Buffer.from(text), secret }, lenient, { strict });
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

const ENCRYPTED = 'ENC[AES256_GCM,data:aHVudGVyMg==,iv:eA==,tag:eQ==,type:str]';
const SOPS: readonly (readonly [format: FormatName, text: string, at: string])[] = [
  ['yaml', ENCRYPTED, '1:1'],
  ['yaml', `a: 1\npassword: ${ENCRYPTED}\nsops:\n  version: 3.9.0\n`, '2:11'],
  ['json', `{"a": "${ENCRYPTED}", "sops": {}}`, '1:8'],
  ['ini', `[a]\nb = ${ENCRYPTED}\n[sops]\n`, '2:5'],
  ['env', `A=${ENCRYPTED}\nsops_version=3.9.0\n`, '1:3'],
  ['text', `{\n\t"data": "${ENCRYPTED}",\n\t"sops": {}\n}`, '2:11'],
];

test('a file that sops has encrypted is an error in every format, and says so', () => {
  for (const [format, text, at] of SOPS) {
    const file = { path: 'f', bytes: Buffer.from(text), secret: true };
    assert.deepEqual(parseFile(file, FORMATS[format]).findings.map(formatFinding), [
      `f:${at}: is encrypted by sops; decrypt it before it gets into the volume [LG_VALIDATE_SYNTAX]`,
    ]);
  }
  const example = { path: 'f', bytes: Buffer.from(`# ${ENCRYPTED}`), secret: false };
  assert.ok(parseFile(example, FORMATS.text).ok);
});

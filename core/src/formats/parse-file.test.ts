import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '../model/finding.ts';
import type { Format } from './format.ts';
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

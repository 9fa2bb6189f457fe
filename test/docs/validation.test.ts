import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FORMAT_NAMES, type FormatName } from '@lastgood/core/formats/format.ts';
import { formatOfPath } from '@lastgood/core/formats/formats.ts';
import { ERRORS } from '@lastgood/core/model/error-codes.ts';
import { checkKeys } from '../../sidecar/src/settings/checks.ts';
import {
  check,
  fileOf,
  saidOf,
  snapshotOf,
} from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { CHECK_KINDS } from '../../sidecar/src/steps/validate/stopwatch.ts';
import { createValidator } from '../../sidecar/src/steps/validate/validator.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { examplesIn, outputOf } from './examples.ts';

const PAGE = readFileSync(new URL('../../docs/validation.md', import.meta.url), 'utf8');
const EXAMPLES = examplesIn(PAGE);

for (const example of EXAMPLES)
  test(`docs/validation.md:${example.line}: the output is what lastgood says`, async (t) => {
    assert.equal(await outputOf(example, temporaryDirectory(t)), example.output);
  });

test('docs/validation.md has no block of code that is no part of an example', () => {
  const blocks = [...PAGE.matchAll(/^```\w/gm)].length;
  const shown = EXAMPLES.flatMap(({ texts, lastGood }) => [...texts.keys(), ...lastGood.keys()]);
  assert.equal(blocks, shown.length + EXAMPLES.length);
});

/** The rows of the table that begins with these columns, cell by cell. */
function rowsOf(...columns: string[]): readonly (readonly string[])[] {
  const [, table = ''] = PAGE.split(`| ${columns.join(' | ')} |\n`);
  const [rows = ''] = table.split('\n\n');
  const cells = (row: string) => row.split(/(?<!\\)\|/).slice(1, -1);
  return rows
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => cells(row).map((cell) => cell.trim().replaceAll('\\|', '|')));
}

/** The texts in code format within a cell. */
function codesIn(cell = ''): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

const FORMAT_ROWS = rowsOf('format', 'files', 'read as', 'also refused');

test('docs/validation.md has every format, with the names of files that ask for it', () => {
  const names = FORMAT_ROWS.map(([name]) => codesIn(name)[0]);
  assert.deepEqual(names, [...FORMAT_NAMES]);
  for (const [name, files = ''] of FORMAT_ROWS)
    for (const path of codesIn(files.split(', but')[0]))
      assert.equal(formatOfPath(path.replace('*', 'a')).name, codesIn(name)[0], path);
});

test('docs/validation.md has a good and a bad file of each format, and the finding for the bad one', async () => {
  const rows = rowsOf('format', 'good', 'bad', 'finding');
  const parsed = FORMAT_NAMES.filter((name) => name !== 'text' && name !== 'binary');
  assert.deepEqual(
    rows.map(([name]) => codesIn(name)[0]),
    parsed,
  );
  for (const [index, [, good, bad, said]] of rows.entries()) {
    const format = parsed[index] ?? 'text';
    for (const text of codesIn(good)) assert.deepEqual(await saidOfText(text, format), []);
    for (const text of codesIn(bad))
      assert.deepEqual(await saidOfText(text, format), codesIn(said));
  }
});

async function saidOfText(text: string, format: FormatName): Promise<readonly string[]> {
  const said = await saidOf(fileOf('file', text), [check('file', { format })]);
  return said.map((line) => line.slice('file:'.length));
}

test('P11: docs/validation.md says what some readers accept, and what lastgood makes of it', async () => {
  const rows = rowsOf('format', 'text', 'by default', 'strict', 'reason');
  assert.ok(rows.length > 0);
  for (const [names = '', written = '', byDefault = '', strict = '', reason] of rows) {
    const text = JSON.parse(`"${codesIn(written)[0]?.replaceAll('"', '\\"')}"`);
    for (const name of codesIn(names)) {
      const format = FORMAT_NAMES.find((each) => each === name) ?? 'binary';
      assert.equal(await severityOf(text, format, false), byDefault, `${name} ${written}`);
      assert.equal((await severityOf(text, format, true)).replace(/ .*/, ''), strict, written);
      assert.notEqual(reason, '', written);
    }
  }
});

/** Such as "warning `LG_VALIDATE_DIALECT`", or "accepted". */
async function severityOf(text: string, format: FormatName, strict: boolean): Promise<string> {
  const validate = await createValidator([check('file', { format, strict })]);
  const { findings } = await validate(snapshotOf(fileOf('file', text)));
  const [first, ...others] = findings;
  assert.deepEqual(others, []);
  return first === undefined ? 'accepted' : `${first.severity} \`${first.code}\``;
}

test('docs/validation.md has every kind of check by its name in the metrics', () => {
  const named = rowsOf('stage', 'check', 'checks', 'code').flatMap(([, kind]) => codesIn(kind));
  assert.deepEqual(new Set(named), new Set(CHECK_KINDS));
});

test('docs/validation.md has every key of an entry of validate', () => {
  const shown = new Set(
    rowsOf('entry', 'with', 'how often').flatMap((row) =>
      row.flatMap(codesIn).flatMap((code) => code.match(/^\w+/)?.[0] ?? []),
    ),
  );
  for (const key of Object.keys(checkKeys)) assert.ok(shown.has(key), key);
});

test('docs/validation.md names every code of a check, and of settings that it cannot use', () => {
  for (const [code, { step }] of Object.entries(ERRORS)) {
    const isCheck = step === 'validate' || step === 'prepare' || /_(SCHEMA|RULE)$/.test(code);
    if (isCheck) assert.ok(PAGE.includes(code), code);
  }
});

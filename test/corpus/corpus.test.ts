import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CORPORA } from './corpus.ts';
import { assertNoFault } from './run-corpus.ts';
import { STRICTNESS } from './strictness.ts';

const COUNT = 300;
/** The same in each run, so that no run fails by chance. */
const seed = Number(process.env.LASTGOOD_SEED ?? 1);

for (const corpus of CORPORA)
  test(`P11: a ${corpus.path} that a reader accepts is not refused, and one that none accepts is`, (t) =>
    assertNoFault(t, corpus, { count: COUNT, seed }));

const PAGE = readFileSync(new URL('../../docs/validation.md', import.meta.url), 'utf8');
/** The rows of its table of what is a warning and what is an error on purpose. */
const ROWS = [
  ...PAGE.matchAll(/^\| ((?:`\w+` )+)\| (.*) \| error `(\w+)` \| error \| .* \|$/gm),
].map(([, formats = '', text = '', code = '']) => ({ formats, text, code }));

test('docs/validation.md names what is strict on purpose, and nothing else', () => {
  for (const { formats, code, example } of STRICTNESS)
    for (const format of example === undefined ? [] : formats) {
      const rows = ROWS.filter((row) => row.formats.includes(`\`${format}\``) && row.code === code);
      assert.ok(rows.length > 0, `${format} ${code} ${example}`);
    }
  for (const row of ROWS)
    for (const [, format = ''] of row.formats.matchAll(/`(\w+)`/g)) {
      const isListed = STRICTNESS.some(
        ({ formats, code }) => formats.some((each) => each === format) && code === row.code,
      );
      assert.ok(isListed || format === 'yaml', `${format} ${row.code}`);
    }
});

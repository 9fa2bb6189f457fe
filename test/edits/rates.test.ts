import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureRates, reportedFraction } from './rates.ts';

/** `node test/edits/main.ts 2000` prints these rates by kind of edit, for other seeds too. */
const SEEDS = Array.from({ length: 400 }, (_, at) => at + 1);

const percent = (part: number | undefined) => Math.round(1000 * (part ?? 0)) / 10;

test('few ordinary edits change a shape, and edits that people take back do so as often as ever', (t) => {
  const { ordinary, reverted } = measureRates(SEEDS);
  const [noise, found] = [percent(reportedFraction(ordinary)), percent(reportedFraction(reverted))];
  t.diagnostic(`reported: ${noise} % of ordinary edits, ${found} % of reverted ones`);
  assert.ok(noise <= 4, `${noise} % of ordinary edits are reported`);
  assert.ok(found >= 28, `${found} % of reverted edits are reported`);
});

test('what a shape can show of a bad edit is reported', () => {
  const { reverted } = measureRates(SEEDS);
  for (const [kind, least] of [
    ['a lost block', 95],
    ['a lost setting', 90],
    ['a key at the wrong level', 90],
    ['a misspelt key', 95],
    ['another block in its place', 95],
    ['a number in quotes', 100],
    ['a number off by 1000', 80],
  ] as const) {
    const { reported = 0, edits = 1 } = reverted.get(kind) ?? {};
    assert.ok(percent(reported / edits) >= least, `${kind}: ${reported} of ${edits}`);
  }
});

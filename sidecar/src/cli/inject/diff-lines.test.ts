import assert from 'node:assert/strict';
import { test } from 'node:test';
import util from 'node:util';
import { fc } from '../../../../test/property.ts';
import { diffLines } from './diff-lines.ts';

const COUNT = 3000;

/** Lines with numbers, of which some repeat, and all with another between every tenth. */
const before = Array.from({ length: COUNT }, (_, line) => `${line % 4 === 0 ? 'same' : line}\n`);
const after = before.flatMap((line, index) => (index % 10 === 0 ? ['added\n', line] : line));

/** One side of a diff. */
function sideOf(entries: ReturnType<typeof diffLines>, own: 1 | -1): string[] {
  return entries.filter(([operation]) => operation !== -own).map(([, line]) => line);
}

test('a long text is compared in parts, with the same result', (context) => {
  const whole = util.diff(before, after);
  const { mock } = context.mock.method(util, 'diff');
  assert.deepEqual(diffLines(before, after), whole);
  const lengths = mock.calls.map(({ arguments: [lines] }) => lines.length);
  assert.ok(lengths.length >= COUNT / 600 && Math.max(...lengths) < 600, lengths.join());
});

test('lines below all others are not compared', (context) => {
  const { mock } = context.mock.method(util, 'diff');
  const added = before.map((line) => `added ${line}`);
  const all = [...before, ...added];
  assert.deepEqual(sideOf(diffLines(before, all), -1), all);
  assert.deepEqual(sideOf(diffLines(all, before), 1), all);
  const compared = mock.calls.flatMap(({ arguments: [one, other] }) => [...one, ...other]);
  assert.ok(!compared.some((line) => line.startsWith('added')));
});

test('whatever was added, removed and moved, both texts can be read from the differences', () => {
  const change = fc.tuple(fc.nat(COUNT), fc.nat(700), fc.nat(COUNT), fc.boolean());
  fc.assert(
    fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
      const changed = [...after];
      for (const [from, count, to, isMoved] of changes) {
        const taken = changed.splice(from, count);
        changed.splice(to, 0, ...(isMoved ? taken : ['new\n']));
      }
      const entries = diffLines(before, changed);
      assert.deepEqual(sideOf(entries, 1), before);
      assert.deepEqual(sideOf(entries, -1), changed);
    }),
    { numRuns: 30 },
  );
});

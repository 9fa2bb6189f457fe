import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOutput } from './run-command.ts';

/** As much as is kept of the beginning, and as much again of the end. */
const HALF_BYTES = 8 * 2 ** 10;

/** What is left of a text that comes in pieces of so many bytes. */
function kept(text: string, pieceBytes = 1_000): string {
  const output = createOutput();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes)
    output.add(bytes.subarray(at, at + pieceBytes));
  return output.text();
}

test('output that fits is kept unchanged, however it arrives', () => {
  const text = 'é'.repeat(HALF_BYTES);
  for (const pieceBytes of [1, 999, HALF_BYTES, 10 * HALF_BYTES])
    assert.equal(kept(text, pieceBytes), text);
  assert.equal(kept(''), '');
});

test('of longer output, whole lines of the beginning and of the end are kept', () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}`);
  const [start = '', end = ''] = kept(`${lines.join('\n')}\n`).split('…\n');
  assert.ok(start.startsWith('line 0\nline 1\n'));
  assert.ok(end.endsWith('line 9998\nline 9999\n'));
  for (const line of `${start}${end}`.trimEnd().split('\n')) assert.ok(lines.includes(line), line);
  assert.ok(start.length <= HALF_BYTES && end.length <= HALF_BYTES);
});

test('a line that is longer than the buffer is cut, and never within a character', () => {
  for (const wide of ['é', '…', '😀'])
    for (const lead of ['', 'x', 'xx', 'xxx'])
      for (const lineEnd of ['', '\n']) {
        const text = kept(`${lead}${wide.repeat(2 * HALF_BYTES)}${lineEnd}`);
        assert.doesNotMatch(text, /\uFFFD/, `${lead}${wide}`);
        const [start = '', end = ''] = text.trimEnd().split('\n');
        assert.ok(start.startsWith(`${lead}${wide}`) && end.endsWith(wide), text.slice(0, 20));
      }
});

test('a cut line is left out if there are whole ones', () => {
  const long = 'x'.repeat(3 * HALF_BYTES);
  assert.equal(kept(`first\n${long}\nlast\n`), 'first\n…\nlast\n');
  assert.equal(kept(`first\n${long}`), `first\n…\n${'x'.repeat(HALF_BYTES)}`);
  assert.equal(kept(`${long}\nlast`), `${'x'.repeat(HALF_BYTES)}…\nlast`);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFiles } from './repository.ts';

const DECISIONS = readFiles('docs/adr/*.md');
const PATHS = [...readFiles(['**/*.{ts,md}']).keys()];

/** Whether the name is a file of the repository, by the whole path or the end of one. */
function isFile(name: string): boolean {
  return PATHS.some((path) => path === name || path.endsWith(`/${name}`));
}

test('every file that a decision names exists', () => {
  for (const [page, text] of DECISIONS)
    for (const [, name = ''] of text.matchAll(/`([\w./-]+\.(?:ts|md))`/g))
      assert.ok(isFile(name), `${page} names ${name}`);
});

test('no two decisions have the same number', () => {
  const numbers = [...DECISIONS.keys()].map((page) => /\/(\d{4})-/.exec(page)?.[1]);
  assert.deepEqual(numbers, [...new Set(numbers)]);
});

test('every decision has a number, a context, a decision, consequences and its confirmation', () => {
  for (const [page, text] of DECISIONS) {
    const number = Number(/\/(\d{4})-/.exec(page)?.[1]);
    assert.ok(text.startsWith(`# ${number}. `), page);
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, ['Context', 'Decision', 'Consequences'], page);
    assert.match(text, /\bConfirmed by /, page);
  }
});

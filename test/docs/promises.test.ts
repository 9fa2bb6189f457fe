import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT, readFiles, readSection, readSources } from './repository.ts';

const DESIGN = 'docs/design.md';

/** The promises that the design defines, each with a heading, in its order. */
const DEFINED = namesIn(readSection(DESIGN, '## Promises'), /^### (P\d+): /gm);

/** Those that lastgood does not keep everywhere yet, as the design itself says. */
const NOT_KEPT = namesIn(readSection(DESIGN, '### Promises not kept yet'), /^- \*\*(P\d+)\*\*/gm);

const KEPT = DEFINED.filter((promise) => !NOT_KEPT.includes(promise));

function namesIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

/** The rows of the table of promises, with the test files that each names. */
function rows(): Map<string, string[]> {
  const table = readSection(
    'docs/architecture.md',
    '## The promises, and the tests that hold them',
  );
  return new Map(
    [...table.matchAll(/^\| (P\d+) .*? \| (.*) \|$/gm)].map(([, promise = '', cell = '']) => [
      promise,
      [...cell.matchAll(/`([^`]+\.test\.ts)`/g)].map((match) => match[1] ?? ''),
    ]),
  );
}

test('the design defines P1, P2 and so on, each once', () => {
  assert.ok(DEFINED.length > 0);
  assert.deepEqual(
    DEFINED,
    DEFINED.map((_, index) => `P${index + 1}`),
  );
  for (const promise of NOT_KEPT) assert.ok(DEFINED.includes(promise), promise);
});

test('every promise that a file cites is defined in docs/design.md', () => {
  for (const [path, text] of readSources())
    for (const promise of namesIn(text, /\b(P\d+)\b/g))
      assert.ok(DEFINED.includes(promise), `${path} cites ${promise}`);
});

test('every promise has a test that names it, except those that are not kept yet', () => {
  const tests = [...readFiles('**/*.test.ts').values()];
  for (const promise of KEPT) {
    // In the title of a test, or in a comment.
    const names = new RegExp(String.raw`^\s*(?:\w+\(|/?\*|//).*\b${promise}\b`, 'm');
    assert.ok(
      tests.some((text) => names.test(text)),
      promise,
    );
  }
});

test('every test file that the table of promises names is there and names the promise', () => {
  for (const [promise, files] of rows())
    for (const file of files) {
      const found = globSync([`{core,sidecar}/src/${file}`, file], { cwd: ROOT });
      assert.ok(found.length > 0, `${promise}: ${file}`);
      const texts = found.map((path) => readFileSync(`${ROOT}/${path}`, 'utf8'));
      const names = new RegExp(`\\b${promise}\\b`);
      assert.ok(
        texts.some((text) => names.test(text)),
        `${file} does not name ${promise}`,
      );
    }
});

test('every promise that is kept has a row', () => {
  assert.deepEqual([...rows().keys()], KEPT);
});

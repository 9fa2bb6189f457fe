import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The rows of the table of promises, with the test files that each names. */
function rows(): Map<string, string[]> {
  const page = readFileSync(`${ROOT}docs/architecture.md`, 'utf8');
  const table = page.slice(page.indexOf('## The promises'));
  return new Map(
    [...table.matchAll(/^\| (P\d) .*? \| (.*) \|$/gm)].map(([, promise = '', cell = '']) => [
      promise,
      [...cell.matchAll(/`([^`]+\.test\.ts)`/g)].map((match) => match[1] ?? ''),
    ]),
  );
}

test('every test file that the table of promises names is there and names the promise', () => {
  for (const [promise, files] of rows())
    for (const file of files) {
      const found = globSync([`sidecar/src/${file}`, file], { cwd: ROOT });
      assert.ok(found.length > 0, `${promise}: ${file}`);
      const texts = found.map((path) => readFileSync(`${ROOT}${path}`, 'utf8'));
      const names = new RegExp(`\\b${promise}\\b`);
      assert.ok(
        texts.some((text) => names.test(text)),
        `${file} does not name ${promise}`,
      );
    }
});

test('every promise has a row', () => {
  assert.deepEqual(
    [...rows().keys()],
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `P${number}`),
  );
});

test('every file that the docs link to is there', () => {
  for (const page of [
    'README.md',
    'CONTRIBUTING.md',
    ...globSync('{docs,examples,sidecar}/**/*.md', { cwd: ROOT, exclude: ['**/node_modules'] }),
  ]) {
    const text = readFileSync(`${ROOT}${page}`, 'utf8');
    const base = page.includes('/') ? page.slice(0, page.lastIndexOf('/') + 1) : '';
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)/g))
      assert.ok(existsSync(`${ROOT}${base}${link}`), `${page} links to ${link}`);
  }
});

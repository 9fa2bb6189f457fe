import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFiles } from './repository.ts';

const INDEX = 'docs/README.md';

test(`${INDEX} has a link to every page, and one to all decisions`, () => {
  const index = readFiles(INDEX).get(INDEX) ?? '';
  const links = new Set([...index.matchAll(/\]\(([^)#]+)/g)].map(([, link]) => link));
  assert.ok(links.has('adr/'));
  for (const path of readFiles(['docs/*.md', 'docs/api/*.md', 'docs/migrate/*.md']).keys()) {
    const page = path.replace('docs/', '');
    if (path !== INDEX) assert.ok(links.has(page), page);
  }
});

import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { before, test } from 'node:test';
import { apiPages, type Entry, readEntries } from './api-pages.ts';
import { readFiles } from './repository.ts';

let entries: readonly Entry[] = [];
before(async () => {
  entries = await readEntries();
});

test('the pages of docs/api are as the docstrings are, one for each entry of the SDK', () => {
  const pages = apiPages(entries);
  for (const { path, actual, expected } of pages)
    assert.equal(actual, expected, `${path}: run: node test/docs/api-pages.ts --write`);
  const names = [...readFiles('docs/api/*').keys()].map((path) => basename(path));
  assert.deepEqual(names, pages.map(({ path }) => basename(path)).sort());
});

test('each public symbol of the SDK has a docstring, and so has each member', () => {
  const all = entries.flatMap(({ name, doc, declared }) => [
    { name, doc },
    ...declared.flatMap((symbol) => [
      symbol,
      ...symbol.members.map((member) => ({ ...member, name: `${symbol.name}.${member.name}` })),
    ]),
  ]);
  assert.ok(all.some(({ name }) => name === 'View.current'));
  const bare = all.filter(({ doc }) => !doc?.text).map(({ name }) => name);
  assert.deepEqual(bare, []);
});

import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, readFiles, readSection } from './repository.ts';

const PAGE = 'CONTRIBUTING.md';
const TOP = /^(?:core|sidecar|sdk|test|tools|bench|docs|examples)\//;

function codesIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

test(`every path that ${PAGE} names from the top exists`, () => {
  for (const path of codesIn(readFiles(PAGE).get(PAGE) ?? '').filter((code) => TOP.test(code)))
    if (!path.includes('dist/')) assert.ok(existsSync(join(ROOT, path)), path);
});

test(`the tree of ${PAGE} has every room of the workspaces, and every folder of test`, () => {
  const named = new Set(codesIn(readSection(PAGE, '## The tree')));
  const folders = globSync(['{core,sidecar,sdk}/src/*/', 'sidecar/src/steps/*/'], { cwd: ROOT });
  for (const folder of folders) {
    const name = `${folder.split('/').at(-1)}/`;
    assert.ok(named.has(name), folder);
  }
  for (const folder of globSync('test/*/', { cwd: ROOT }))
    assert.ok(named.has(`${folder}/`), folder);
});

test(`every file that a walk-through of ${PAGE} names is in the folder before it`, () => {
  const section = readSection(PAGE, '## Where to change what');
  for (const step of section.matchAll(/^\d\. (.*(?:\n {3}.*)*)/gm)) {
    const codes = codesIn(step[1] ?? '');
    const folders = codes.filter((code) => TOP.test(code));
    for (const file of codes.filter((code) => /^[\w.-]+\.(?:ts|yaml)$/.test(code))) {
      const places = folders.map((folder) => join(ROOT, folder.replace(/[^/]+\.\w+$/, '')));
      const isThere = places.some((place) => globSync(`**/${file}`, { cwd: place }).length > 0);
      assert.ok(isThere, `${file} in ${folders.join(', ')}`);
    }
  }
});

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load as parseYaml } from 'js-yaml';
import { load } from '../../sidecar/src/settings/load.ts';

const DIR = join(import.meta.dirname, '../../docs/migrate');
const PAGES = globSync('*.md', { cwd: DIR }).sort();

interface Block {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

function yamlBlocks(page: string): Block[] {
  const text = readFileSync(join(DIR, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(({ index, 1: block = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    text: block,
  }));
}

const BLOCKS = PAGES.flatMap(yamlBlocks);

test('every page of the table is there, and every page is in the table', () => {
  const index = readFileSync(join(DIR, 'README.md'), 'utf8');
  const linked = [...index.matchAll(/\]\(([a-z-]+\.md)\)/g)].map(([, page]) => page).sort();
  assert.deepEqual(
    linked,
    PAGES.filter((page) => page !== 'README.md'),
  );
});

for (const { page, line, text } of BLOCKS)
  test(`${page}:${line} is YAML, and settings are settings`, async () => {
    const value = parseYaml(text);
    assert.equal(typeof value, 'object');
    if (!text.startsWith('# lastgood.yaml')) return;
    const loaded = await load(`${page}:${line}`, async () => Buffer.from(text));
    assert.ok(loaded.ok, JSON.stringify(loaded));
  });

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { ROOT, readFiles, readSources } from './repository.ts';

const PAGES = readFiles('**/*.md');
const SOURCES = readSources();

/** Links and headings in blocks and spans of code do not count. */
function withoutCode(page: string): string {
  return page.replaceAll(/^( *)(```|~~~).*?^\1\2$/gms, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsIn(page: string): ReadonlySet<string> {
  const text = page.replaceAll(/^( *)(```|~~~).*?^\1\2$/gms, '');
  const used = new Map<string, number>();
  const anchors = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-');
    const times = used.get(anchor) ?? 0;
    used.set(anchor, times + 1);
    return times === 0 ? anchor : `${anchor}-${times}`;
  });
  return new Set(anchors);
}

function assertExists(path: string, anchor: string | undefined, from: string): void {
  const named = anchor === undefined ? path : `${path}#${anchor}`;
  assert.ok(existsSync(join(ROOT, path)), `${from} names ${named}, and there is no such file`);
  if (anchor === undefined) return;
  const page = PAGES.get(path);
  assert.ok(page !== undefined, `${from} names a heading of ${path}, which is not a page`);
  assert.ok(anchorsIn(page).has(anchor), `${from} names ${named}, and there is no such heading`);
}

test('every relative link of a page leads to a file, and to a heading where it names one', () => {
  for (const [from, page] of PAGES)
    for (const [, link = ''] of withoutCode(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)/g)) {
      const [file = '', anchor] = link.split('#');
      assertExists(file === '' ? from : join(from, '..', file), anchor, from);
    }
});

test('every page of docs/ that a file names is there, and so is the heading', () => {
  // Pages of other repositories follow the name of theirs: prometheus/exporter-toolkit docs/….
  const named = /(?<![\w/-]|\w\/[\w.-]+ )(docs\/[\w./-]+\.md)(?:#([\w-]+))?/g;
  for (const [from, text] of SOURCES)
    for (const [, path = '', anchor] of text.matchAll(named)) assertExists(path, anchor, from);
});

test('no file cites a page that a clone does not have', () => {
  const known = new Set([...PAGES.keys()].map((path) => basename(path)));
  const names = 'DESIGN|HOUSE|GUIDE|FIELD|STYLE|PODS|CLUSTER';
  const withoutSuffix = new RegExp(
    String.raw`Source: (?:${names})\b|\b(?:${names})(?:'s| §|, ["“§])`,
  );
  for (const [path, text] of SOURCES) {
    for (const [, page = ''] of text.matchAll(/\b([A-Z]{2,}\.md)\b/g))
      assert.ok(known.has(page), `${path} cites ${page}`);
    assert.doesNotMatch(text, withoutSuffix, path);
  }
});

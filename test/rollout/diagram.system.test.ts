import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { simulate } from './simulate.ts';

/** Enough to see every change of phase that there is; the seeds are always the same. */
const RUNS = 12_000;

test('the diagram in docs/architecture.md shows every change of phase, and no other', () => {
  const page = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  const diagram = /```mermaid\nstateDiagram-v2\n([^`]*)```/.exec(page)?.[1] ?? '';
  const drawn = [...diagram.matchAll(/^\s*(\w+ --> \w+)/gm)].map((match) => match[1] ?? '');
  const seen = new Set<string>();
  for (let seed = 1; seed <= RUNS; seed++)
    for (const transition of simulate(seed).transitions) seen.add(transition);
  assert.deepEqual([...seen].sort(), drawn.toSorted());
});

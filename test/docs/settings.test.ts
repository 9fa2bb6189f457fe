import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dump, load as parseYaml } from 'js-yaml';
import { load } from '../../sidecar/src/settings/load.ts';

const DIR = join(import.meta.dirname, '../../docs');
const PAGES = ['targets.md', 'confirm.md', 'presets.md', 'sources.md', 'drop-in.md', 'rules.md'];

/** Blocks of a pod's manifest, by the key that they begin with. */
const OF_A_POD = ['spec', 'volumeMounts'];

const BLOCKS = PAGES.flatMap((page) => {
  const text = readFileSync(join(DIR, page), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(({ index, 1: block = '' }) => ({
    name: `docs/${page}:${text.slice(0, index).split('\n').length + 1}`,
    text: filled(block, text.slice(0, index)),
  }));
});

/** What must be given to a preset is shown as `{health}`, and the table before it has an example. */
function filled(block: string, before: string): string {
  const table = before.slice(before.lastIndexOf('\n## '));
  const required = table.matchAll(/^\| `(\w+)` \| .* \| required, e\.g\. `(.*)` \|$/gm);
  let text = block;
  for (const [, name, example = ''] of required) text = text.replaceAll(`{${name}}`, example);
  return text;
}

/** What a block leaves out of a whole `lastgood.yaml`. */
function wholeOf(value: Record<string, unknown>): unknown {
  if ('bundles' in value) return value;
  const bundle = {
    name: 'model',
    volumes: [{ path: '/lastgood/source/model' }],
    publish: '/lastgood/live/model',
    ...value,
  };
  // A process that lives on is that of a target, which the block may leave out.
  const isAlive = (value.confirm as { process?: unknown } | undefined)?.process === 'alive';
  const targets = isAlive && !('targets' in value) ? [{ signal: { process: 'app' } }] : [];
  return { bundles: [{ targets, ...bundle }] };
}

for (const { name, text } of BLOCKS)
  test(`${name} can be used as settings`, async () => {
    const value = parseYaml(text) as Record<string, unknown>;
    const [first = ''] = Object.keys(value);
    if (OF_A_POD.includes(first)) return;
    const whole = dump(wholeOf(value));
    const loaded = await load(name, async () => Buffer.from(whole));
    assert.ok(loaded.ok, JSON.stringify(loaded, null, 2));
  });

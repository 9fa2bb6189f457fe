import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STEPS } from '@lastgood/core/model/steps.ts';
import { createMetrics } from '../../sidecar/src/observability/metrics.ts';
import { pagesOf } from '../../sidecar/src/observability/server/pages.ts';
import { CHECK_PHASES } from '../../sidecar/src/observability/status.ts';
import { OUTCOMES } from '../../sidecar/src/rollout/outcome.ts';
import { PHASE_NAMES } from '../../sidecar/src/rollout/state.ts';
import { UNSUPPORTED_KEYS } from '../../sidecar/src/settings/issues.ts';
import { CHECK_KINDS } from '../../sidecar/src/steps/validate/stopwatch.ts';
import { readSection } from './repository.ts';

/** The code at the start of each row of the tables in a text. */
function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, code = '']) => code);
}

const SOURCES = {
  status: () => ({ lastgood: '1.0.0', ready: true, bundles: [] }),
  metrics: createMetrics('1.0.0'),
};

test('docs/design.md has every step, in the order of the pipeline', () => {
  const section = readSection('docs/design.md', '## The pipeline');
  assert.deepEqual(firstCells(section), STEPS);
});

test('docs/design.md has every path that is served', () => {
  const section = readSection('docs/design.md', '### HTTP');
  assert.deepEqual(new Set(firstCells(section)), new Set(pagesOf(SOURCES).keys()));
});

test('docs/design.md has every metric with its labels, and no other', async () => {
  const metrics = createMetrics('1.0.0');
  const known = metrics.registry.getMetricsAsArray().map((metric) => {
    const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
    return [name, ...labelNames].join(' ');
  });
  const rows = readSection('docs/design.md', '### Metrics').matchAll(/^\| `(.+?)` \| (.*?) ?\|/gm);
  const shown = [...rows].map(([, name = '', labels = '']) =>
    [name, ...(labels.match(/\w+/g) ?? [])].join(' '),
  );
  assert.deepEqual(shown.toSorted(), known.toSorted());
});

test('docs/design.md lists every planned key as not built yet', () => {
  const section = readSection('docs/design.md', '## Designed, not built yet');
  for (const key of UNSUPPORTED_KEYS) assert.ok(section.includes(`\`${key}\``), key);
});

test('docs/glossary.md has every outcome and every phase, and no other', () => {
  const section = readSection('docs/glossary.md', '## The rollout');
  const words = [...OUTCOMES, ...PHASE_NAMES, ...CHECK_PHASES];
  assert.deepEqual(firstCells(section).toSorted(), words.toSorted());
});

test('docs/glossary.md names every step and every kind of check', () => {
  const section = readSection('docs/glossary.md', '## The rollout');
  for (const name of [...STEPS, ...CHECK_KINDS]) assert.ok(section.includes(`\`${name}\``), name);
});

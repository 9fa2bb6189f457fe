import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../../bench/percentiles.ts';
import { eventually } from '../api.ts';
import { readMemory, readWorkingSet } from './containers.ts';
import { mebibytes, seconds } from './figures.ts';
import { makePod, settingsOf } from './manifests.ts';
import type { Pod } from './pod.ts';
import { Workspace } from './workspace.ts';

const PROGRAM = readFileSync(join(import.meta.dirname, 'fixtures/soak-app.mjs'), 'utf8');

const SOAK_MS = process.env.LASTGOOD_SOAK === '1h' ? 3_600_000 : 180_000;
const EVERY_MS = 1_000;
const MAX_BYTES = 56 * 2 ** 20;

/** How the app answers each version in turn; `broken` is not JSON, and never gets to it. */
const ANSWERS = ['good', 'good', 'broken', 'good', 'refused', 'good', 'fault'] as const;
/** Of the changes: the app ends, and the kubelet starts it again, later each time. */
const EXIT_EVERY = 60;

const SETTINGS = settingsOf({
  validate: [{ files: '*.json' }, { shape: 'compatible' }],
  targets: [{ webhook: { url: 'http://localhost:8080/reload' } }],
  confirm: {
    hold: '200ms',
    http: { url: 'http://localhost:8080/health', version: { json: 'version' } },
  },
});

/** Enough to parse and compare, as a real file has. */
const MODELS = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [`model-${index}`, { weight: index, enabled: true }]),
);

test(`a change each second for ${seconds(SOAK_MS)}, with faults: bounded memory, no restart, and the newest good version`, async (t) => {
  const workspace = await Workspace.create(t, 'soak');
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: configOf(0) },
    ...makePod({
      name: 'soaked',
      settings: SETTINGS,
      source: { configMap: { name: 'config' } },
      mountedAt: '/config',
      program: PROGRAM,
    }),
  ]);
  const pod = workspace.pod('soaked');
  await pod.steady();
  const sizes: number[] = [];
  const sets: number[] = [];
  const endMs = performance.now() + SOAK_MS;
  let changes = 0;
  while (performance.now() < endMs) {
    const nextMs = performance.now() + EVERY_MS;
    changes += 1;
    await change(workspace, pod, changes);
    if (changes % EXIT_EVERY === 0) await fetch(`${pod.url(8080)}/exit`, { method: 'POST' });
    sizes.push((await readMemory(pod)) ?? Number.NaN);
    sets.push((await readWorkingSet(pod)) ?? Number.NaN);
    await sleep(Math.max(0, nextMs - performance.now()));
  }
  const metrics = await (await fetch(`${pod.url(9533)}/metrics`)).text();

  const generation = changes + 1;
  const lastMs = Date.now();
  await workspace.edit('config', configOf(generation, 'good'));
  await pod.refresh();
  await eventually('the newest version', async () => {
    const app = (await (await fetch(`${pod.url(8080)}/health`)).json()) as { generation: number };
    const { health, active, desired } = await pod.bundle();
    const isDone = app.generation === generation && active === desired && health.state === 'ok';
    return isDone || undefined;
  });
  const convergedMs = Date.now() - lastMs;
  const { restartCount, lastState } = (await pod.container('lastgood')) ?? {};
  assert.deepEqual([restartCount, lastState], [0, {}]);
  const largest = Math.max(...sizes);
  // Pages of a file count for the pod that has read it first, until the kernel needs them: at the beginning for this one.
  const usual = median(sets);
  t.diagnostic(
    `${changes} changes: ${describeOutcomes(metrics)}; working set ${mebibytes(usual)} at the median, up to ${mebibytes(Math.max(...sets))}, of which ${mebibytes(largest)} are not pages of files; the last change took ${seconds(convergedMs)}`,
  );
  assert.ok(!(largest > MAX_BYTES), sizes.map(mebibytes).join(', '));
  assert.ok(!(usual > MAX_BYTES), sets.map(mebibytes).join(', '));
});

/** The kubelet brings a change at once if the pod itself changes too. */
async function change(workspace: Workspace, pod: Pod, generation: number): Promise<void> {
  await workspace.edit('config', configOf(generation));
  await workspace.api.patch(pod.path, {
    metadata: { annotations: { 'lastgood.dev/generation': String(generation) } },
  });
}

function configOf(generation: number, fixed?: 'good'): Record<string, string> {
  const answer = fixed ?? ANSWERS[generation % ANSWERS.length];
  const text = JSON.stringify({ generation, answer, models: MODELS });
  return { 'config.json': answer === 'broken' ? text.slice(0, -1) : text };
}

function describeOutcomes(metrics: string): string {
  const counts = metrics.matchAll(/^lastgood_rollouts_total\{.*outcome="([^"]+)".*\} (\d+)$/gm);
  return [...counts]
    .filter(([, , count]) => count !== '0')
    .map(([, outcome, count]) => `${count} ${outcome}`)
    .join(', ');
}

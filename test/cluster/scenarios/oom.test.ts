import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../api.ts';
import { readNode, starveContainer } from './containers.ts';
import { seconds } from './figures.ts';
import { makePod, settingsOf } from './manifests.ts';
import type { Pod } from './pod.ts';
import { Workspace } from './workspace.ts';

const READER = readFileSync(join(import.meta.dirname, 'fixtures/generation-reader.mjs'), 'utf8');

const node = readNode();
const skip = node === undefined ? 'the node of this cluster is out of reach' : false;

const SETTINGS = settingsOf({
  targets: [{ webhook: { url: 'http://localhost:8080/reload' } }],
  confirm: {
    within: '5m',
    // The kill must come before its end.
    hold: '40s',
    http: { url: 'http://localhost:8080/health', version: { json: 'version' } },
  },
});

test('P2: a sidecar that the kernel kills for its memory in the middle of a rollout continues it, and notifies the app once', {
  skip,
}, async (t) => {
  assert.ok(node);
  const workspace = await Workspace.create(t, 'oom');
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: generation('v1') },
    ...makePod({
      name: 'reader',
      settings: SETTINGS,
      source: { configMap: { name: 'config' } },
      mountedAt: '/config',
      program: READER,
    }),
  ]);
  const pod = workspace.pod('reader');
  await pod.steady();
  const editedMs = await workspace.edit('config', generation('v2'));
  await pod.refresh();
  const told = await pod.line('the delivery', editedMs, ({ step }) => step === 'deliver');

  const starvedMs = Date.now();
  await starveContainer(node, pod);
  await eventually('the kill', async () => {
    const { lastState } = (await pod.container('lastgood')) ?? {};
    // containerd may learn the end before the reason.
    if (lastState?.terminated !== undefined)
      return lastState.terminated.reason === 'OOMKilled' || undefined;
    // Work takes memory. It has no answer once the kernel has killed it.
    await fetch(`${pod.url(9533)}/metrics`, { signal: AbortSignal.timeout(1_000) }).catch(() => {});
    return undefined;
  });
  const committed = await pod.outcome('committed', starvedMs);
  assert.deepEqual([committed.version, committed.rollout], [told.version, told.rollout]);
  const seen = await readSeen(pod);
  assert.deepEqual([seen.one, seen.mixed, seen.reloads], ['v2', 0, 1]);
  assert.equal((await pod.container('inference-server'))?.restartCount, 0);
  t.diagnostic(
    `out of memory → commit ${seconds(committed.atMs - starvedMs)}, of which 40 s are probation; ${seen.reads} reads, 0 mixed`,
  );
});

function generation(value: string): Record<string, string> {
  return { one: value, other: value };
}

interface Seen {
  readonly one: string;
  readonly reads: number;
  readonly mixed: number;
  readonly reloads: number;
}

async function readSeen(pod: Pod): Promise<Seen> {
  return (await (await fetch(`${pod.url(8080)}/health`)).json()) as Seen;
}

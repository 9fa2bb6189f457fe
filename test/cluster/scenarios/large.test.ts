import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeMemory } from './containers.ts';
import { seconds } from './figures.ts';
import { makePod } from './manifests.ts';
import { Workspace } from './workspace.ts';

/** A ConfigMap cannot be larger. Source: kubernetes.io/docs/concepts/configuration/configmap. */
const MAX_BYTES = 2 ** 20;

/** Room for the name of the key. */
const KEY_BYTES = 64;

const SETTINGS = {
  stateDir: '/lastgood/state',
  bundles: [{ name: 'large', volumes: [{ path: '/lastgood/source' }], publish: '/lastgood/live' }],
};

test('P9: a ConfigMap of 1 MiB with many small keys does not end a sidecar with 64Mi and 100m', async (t) => {
  const workspace = await Workspace.create(t, 'large');
  const createdMs = Date.now();
  const objects = makePod({
    name: 'large',
    settings: SETTINGS,
    source: { configMap: { name: 'config' } },
    mountedAt: '/config',
    program: "setInterval(() => {}, 1e6); process.on('SIGTERM', () => process.exit(0));",
  });
  const data = { 'config.json': makeJson(1) };
  workspace.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data }]);
  workspace.apply(objects);
  const pod = workspace.pod('large');
  const first = await pod.outcome('committed', createdMs);
  t.diagnostic(`pod created → commit ${seconds(first.atMs - createdMs)}`);
  await pod.ready();
  const editedMs = await workspace.edit('config', { 'config.json': makeJson(2) });
  await pod.refresh();
  const second = await pod.outcome('committed', editedMs);
  t.diagnostic(`edit → commit ${seconds(second.atMs - editedMs)}; ${await describeMemory(pod)}`);
  assert.equal((await pod.container('lastgood'))?.restartCount, 0);
});

/** One object with 100,000 keys, and a digit for each. */
function makeJson(value: number): string {
  const entries: string[] = [];
  for (let index = 0, size = KEY_BYTES; ; index += 1) {
    const entry = `"k${index.toString(16)}":${value}`;
    size += entry.length + 1;
    if (size > MAX_BYTES) return `{${entries.join(',')}}`;
    entries.push(entry);
  }
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCpuMs, readNode, readPss, readWorkingSet } from './containers.ts';
import { mebibytes } from './figures.ts';
import { DEPLOYED, makePod, settingsOf } from './manifests.ts';
import { type Manifest, Workspace } from './workspace.ts';

const PODS = 15;
/** lastgood gives memory back 10 s after a rollout, which takes the CPU time of minutes at rest. */
const SETTLE_MS = 20_000;
/** Three liveness probes of each. */
const REST_MS = 30_000;

const MAX_PSS_BYTES = 40 * 2 ** 20;
const MAX_WORKING_SET_BYTES = 45 * 2 ** 20;
/**
 * The mean, in thousandths of a CPU: in a few of them, V8 collects garbage just then. It is less than 1 on an idle
 * machine, but each instruction takes longer where others use the same core.
 */
const MAX_MILLICORES = 2;

const node = readNode();
const skip = node === undefined ? 'the node of this cluster is out of reach' : false;

const SETTINGS = settingsOf({
  targets: [{ webhook: { url: 'http://localhost:8080/reload' } }],
});

/** Answers each request, also the reload. */
const PROGRAM = `
import http from 'node:http';
process.on('SIGTERM', () => process.exit(0));
http.createServer((request, response) => response.end('ok')).listen(8080);
`;

test('15 pods on a node: what each sidecar takes at rest, after an edit', { skip }, async (t) => {
  assert.ok(node);
  const workspace = await Workspace.create(t, 'density');
  workspace.apply([
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { key: 'v1' } },
    ...Array.from({ length: PODS }, (_, index) => makeResting(`resting-${index}`)).flat(),
  ]);
  const pods = Array.from({ length: PODS }, (_, index) => workspace.pod(`resting-${index}`));
  await Promise.all(pods.map((pod) => pod.steady()));
  const editedMs = await workspace.edit('config', { key: 'v2' });
  await Promise.all(pods.map((pod) => pod.outcome('committed', editedMs)));

  await sleep(SETTLE_MS);
  const before = await Promise.all(pods.map((pod) => readCpuMs(node, pod)));
  const startedMs = performance.now();
  await sleep(REST_MS);
  const after = await Promise.all(pods.map((pod) => readCpuMs(node, pod)));
  const restedMs = performance.now() - startedMs;
  const millicores = after.map((ms, index) => ((ms - (before[index] ?? 0)) / restedMs) * 1000);
  const mean = millicores.reduce((sum, each) => sum + each, 0) / PODS;
  const pss = await Promise.all(pods.map((pod) => readPss(node, pod)));
  const sets = (await Promise.all(pods.map(readWorkingSet))).map(Number);
  t.diagnostic(
    `the largest of ${PODS}: PSS ${mebibytes(Math.max(...pss))}, working set ${mebibytes(Math.max(...sets))}, ${Math.max(...millicores).toFixed(2)} millicores; their mean ${mean.toFixed(2)}`,
  );
  assert.ok(Math.max(...pss) <= MAX_PSS_BYTES, pss.map(mebibytes).join(', '));
  assert.ok(Math.max(...sets) <= MAX_WORKING_SET_BYTES, sets.map(mebibytes).join(', '));
  assert.ok(mean <= MAX_MILLICORES, millicores.join(', '));
});

/** With the limits of deploy/, and next to no request, so that the node has room. */
function makeResting(name: string): readonly Manifest[] {
  const objects = makePod({
    name,
    settings: SETTINGS,
    source: { configMap: { name: 'config' } },
    mountedAt: '/config',
    program: PROGRAM,
  });
  const pod = objects.at(-1) as Manifest;
  pod.spec.initContainers[0].resources = {
    ...DEPLOYED,
    requests: { cpu: '10m', memory: '32Mi' },
  };
  pod.spec.containers[0].resources = { requests: { cpu: '1m', memory: '16Mi' } };
  return objects;
}

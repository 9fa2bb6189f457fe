import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEdits } from '../../demo/edits.ts';
import { eventually } from '../api.ts';
import { Client } from './client.ts';
import { readNode } from './containers.ts';
import { Endpoints } from './endpoints.ts';
import { makeExample } from './example.ts';
import { seconds } from './figures.ts';
import { exitCodesOf, type PodObject } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

const EDITS = makeEdits();
const REPLICAS = 2;

const skip = readNode() === undefined ? 'the pods of this cluster are out of reach' : false;

test('a rolling update under load: 0 failed requests, every old pod ends with 0, and the new ones have the edit', {
  skip,
}, async (t) => {
  const workspace = await Workspace.create(t, 'rolling');
  workspace.apply([makeService(), ...makeExample(EDITS.first).map(asDeployment)]);
  const pods = await eventually('the pods', async () => {
    const found = await workspace.podsOf('model');
    return found.length === REPLICAS ? found : undefined;
  });
  await Promise.all(pods.map((pod) => pod.steady()));
  const endpoints = await Endpoints.watch(workspace, 'model', 8080);
  const client = new Client(() => endpoints.choose());
  t.after(() => client.stop());

  const editedMs = await workspace.edit('model-config', { 'config.yaml': EDITS.good });
  await Promise.all(pods.map((pod) => pod.refresh()));
  const [committed] = await Promise.all(pods.map((pod) => pod.outcome('committed', editedMs)));

  const updatedMs = Date.now();
  const ends = watchEnds(workspace, REPLICAS);
  await restartPods(workspace);
  assert.deepEqual(await ends, ['app 0 lastgood 0', 'app 0 lastgood 0']);
  const tookMs = Date.now() - updatedMs;
  await client.stop();
  assert.deepEqual(client.failures, []);
  assert.equal(client.versions.at(-1), committed?.version);
  for (const pod of await workspace.podsOf('model')) {
    await pod.steady();
    assert.equal((await pod.bundle()).active?.slice(7, 19), committed?.version);
  }
  t.diagnostic(
    `${REPLICAS} pods replaced in ${seconds(tookMs)}; ${client.answered} requests, 0 failed`,
  );
});

/** As `kubectl rollout restart` does, but the client goes on meanwhile. */
function restartPods({ api, name }: Workspace): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
  const path = `/apis/apps/v1/namespaces/${name}/deployments/model`;
  return api.patch(path, { spec: { template: { metadata: { annotations } } } });
}

/** The exit codes of the next pods that are gone. */
async function watchEnds({ api, name }: Workspace, count: number): Promise<readonly string[]> {
  const ends: string[] = [];
  const path = `/api/v1/namespaces/${name}/pods?labelSelector=app%3Dmodel`;
  for await (const { type, object } of api.watch<PodObject>(path)) {
    if (type === 'DELETED') ends.push(exitCodesOf(object));
    if (ends.length === count) break;
  }
  return ends;
}

function makeService(): Manifest {
  const spec = { selector: { app: 'model' }, ports: [{ port: 80, targetPort: 8080 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'model' }, spec };
}

/** The pod of the example as a Deployment; other objects stay. */
function asDeployment(object: Manifest): Manifest {
  if (object.kind !== 'Pod') return object;
  const { spec } = object;
  // Balancers need a moment to hear that the pod ends, with lastgood or without; more on a busy machine.
  spec.terminationGracePeriodSeconds = 60;
  spec.containers[0].lifecycle = { preStop: { sleep: { seconds: 15 } } };
  Object.assign(spec.containers[0].readinessProbe, { periodSeconds: 1, timeoutSeconds: 10 });
  const labels = { app: 'model' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'model' },
    spec: {
      replicas: REPLICAS,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
}

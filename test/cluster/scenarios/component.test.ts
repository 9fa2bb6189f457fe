import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { makeEdits } from '../../demo/edits.ts';
import { EXAMPLE, exampleFile } from '../../demo/pod.ts';
import { eventually } from '../api.ts';
import { describeMemory } from './containers.ts';
import { objectOf } from './example.ts';
import { seconds } from './figures.ts';
import { buildKustomization, type Manifest, Workspace } from './workspace.ts';

const COMPONENT = join(import.meta.dirname, '../../../deploy/kustomize/publish');
const EDITS = makeEdits();

test('the Kustomize component adds lastgood to a Deployment, whose app then gets good edits only', async (t) => {
  const workspace = await Workspace.create(t, 'component');
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-component-'));
  t.after(() => rmSync(dir, { recursive: true }));
  workspace.apply(makeKustomization(dir));
  const pod = workspace.pod(await eventually('the pod', () => findPod(workspace)));
  await pod.steady();

  const goodMs = await workspace.edit('model-config', { 'config.yaml': EDITS.good });
  await pod.refresh();
  const { version } = await pod.outcome('committed', goodMs);
  const badMs = await workspace.edit('model-config', { 'config.yaml': EDITS.typo });
  await pod.refresh();
  await pod.outcome('rejected', badMs);
  const health = await fetch(`${pod.url(8080)}/health`);
  const { config } = (await health.json()) as { config: { version: string } };
  assert.equal(config.version.slice('sha256:'.length).slice(0, 12), version);
  const memory = await describeMemory(pod);
  const tookMs = Date.now() - goodMs;
  t.diagnostic(`two edits in ${seconds(tookMs)}; ${memory} of 64`);
});

/** The app of the example as a Deployment that knows nothing of lastgood, and the component. */
function makeKustomization(dir: string): readonly Manifest[] {
  const write = (name: string, content: object | string) =>
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  write('deployment.json', makeDeployment());
  write('config.yaml', EDITS.first);
  write('model.schema.json', exampleFile('model.schema.json'));
  const settings = load(exampleFile('lastgood.yaml')) as Manifest;
  const [bundle] = settings.bundles;
  bundle.volumes = [{ path: '/lastgood/source/config' }];
  bundle.publish = '/lastgood/live/config';
  write('lastgood.yaml', settings);
  write('kustomization.yaml', {
    resources: ['deployment.json'],
    components: [relative(dir, COMPONENT)],
    configMapGenerator: [
      { name: 'model-config', files: ['config.yaml'], options: { disableNameSuffixHash: true } },
      { name: 'lastgood-settings', files: ['lastgood.yaml', 'model.schema.json'] },
    ],
  });
  return buildKustomization(dir);
}

function makeDeployment(): Manifest {
  const { spec } = objectOf(buildKustomization(EXAMPLE), 'Pod', 'inference-server');
  const { initContainers: _, ...rest } = spec;
  const [app] = rest.containers;
  app.volumeMounts = [{ name: 'config', mountPath: '/config', readOnly: true }];
  rest.volumes = [{ name: 'config', configMap: { name: 'model-config' } }];
  const labels = { app: 'model' };
  const template = { metadata: { labels }, spec: rest };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'model' },
    spec: { selector: { matchLabels: labels }, template },
  };
}

async function findPod({ api, name }: Workspace): Promise<string | undefined> {
  const pods = await api.get<{ items: { metadata: { name: string } }[] }>(
    `/api/v1/namespaces/${name}/pods?labelSelector=app%3Dmodel`,
  );
  return pods.items[0]?.metadata.name;
}

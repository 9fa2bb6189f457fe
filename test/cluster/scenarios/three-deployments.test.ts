import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { skip } from '../../deploy/helm.ts';
import { eventually } from '../api.ts';
import { APPS, type App, inject, readApp, runLastgood, WAYS } from './add-lastgood.ts';
import { readWorkingSet } from './containers.ts';
import { mebibytes, seconds } from './figures.ts';
import type { LogLine, Pod } from './pod.ts';
import { type Manifest, Workspace } from './workspace.ts';

test('three unlike Deployments with lastgood by the component, the chart and inject get good edits only', {
  skip,
  concurrency: true,
}, async (t) => {
  const ways = Object.entries(WAYS);
  await Promise.all(
    ways.map(([way, make]) => t.test(way, (each) => runAll(each, way, make(each)))),
  );
});

test('uninject gives back the very bytes of all three', () => {
  for (const app of APPS) assert.equal(runLastgood(['uninject'], inject(app)), readApp(app));
});

async function runAll(t: TestContext, way: string, manifests: readonly Manifest[]): Promise<void> {
  const workspace = await Workspace.create(t, way);
  const startedMs = Date.now();
  workspace.apply(manifests);
  const pods = await Promise.all(APPS.map((app) => findPod(workspace, app)));
  await Promise.all(pods.map((pod) => pod.steady()));
  const readyMs = Date.now();

  const edit = (change: (text: string) => string, outcome: string) =>
    Promise.all(
      pods.map((pod, index) => editOne(workspace, pod, APPS[index] as App, change, outcome)),
    );
  const committed = await edit((text) => text.replace('256', '512'), 'committed');
  const rejected = await edit((text) => `${text}broken: [1\n`, 'rejected');
  for (const [index, pod] of pods.entries()) {
    assert.match(rejected[index]?.msg ?? '', /config\.yaml:\d+:\d+: .*\[LG_VALIDATE_SYNTAX\]/);
    assert.equal(await versionOfApp(pod), committed[index]?.version);
    await pod.ready();
  }
  const sizes = await Promise.all(pods.map(readWorkingSet));
  const memory = Math.max(...sizes.map((size) => size ?? Number.NaN));
  t.diagnostic(
    `${pods.length} pods ready after ${seconds(readyMs - startedMs)}, two edits of each in ${seconds(Date.now() - readyMs)}; working set up to ${mebibytes(memory)}`,
  );
}

async function editOne(
  workspace: Workspace,
  pod: Pod,
  { name, key }: App,
  change: (text: string) => string,
  outcome: string,
): Promise<LogLine> {
  const path = `/api/v1/namespaces/${workspace.name}/configmaps/${name}`;
  const { data } = await workspace.api.get<{ data: Record<string, string> }>(path);
  const editedMs = await workspace.edit(name, { [key]: change(data[key] ?? '') });
  await pod.refresh();
  return pod.outcome(outcome, editedMs, 'config');
}

function findPod(workspace: Workspace, { name }: App): Promise<Pod> {
  return eventually(`the pod of ${name}`, async () => (await workspace.podsOf(name))[0]);
}

async function versionOfApp(pod: Pod): Promise<string> {
  const response = await fetch(`${pod.url(8080)}/health`);
  const { config } = (await response.json()) as { config: { version: string } };
  return config.version.replace(/^sha256:/, '').slice(0, 12);
}

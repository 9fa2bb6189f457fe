import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { load } from 'js-yaml';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { eventually } from '../api.ts';
import { readSettings } from './deploy-page.ts';
import { objectOf } from './example.ts';
import { seconds } from './figures.ts';
import { applyStrictly, Operator } from './operator.ts';
import { buildKustomization, type Manifest, Workspace } from './workspace.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
const MONITORING = join(DEPLOY, 'monitoring');

test('the Prometheus operator takes our objects, and gives each series the labels that the alerts need', async (t) => {
  const workspace = await Workspace.create(t, 'operated');
  const operator = await Operator.start(t, workspace);
  const startedMs = Date.now();
  const prometheus = await operator.runPrometheus();
  const readyMs = Date.now();
  const web = moveTo(workspace.name, makeWeb(t));
  assertStrict(objectOf(web, 'PodMonitor', 'lastgood'));
  applyStrictly(web);
  const [pod] = await eventually('the pod', async () => {
    const pods = await workspace.podsOf('web');
    return pods.length === 1 ? pods : undefined;
  });
  assert.ok(pod);
  const { labels, health } = await eventually('a target that is up', async () =>
    (await prometheus.targets()).find((target) => target.health === 'up'),
  );
  assert.equal(health, 'up');
  const { instance, revision, ...others } = labels;
  assert.deepEqual(others, {
    job: `${workspace.name}/lastgood`,
    namespace: workspace.name,
    workload: 'web',
    pod: pod.name,
    container: 'lastgood',
    endpoint: 'lastgood',
  });
  assert.ok(pod.name.includes(`-${revision}-`));
  assert.match(instance ?? '', /^[\d.]+:9533$/);

  // They reach Prometheus by way of a ConfigMap, and of lastgood in place of the operator's reloader.
  applyStrictly(moveTo(operator.namespace, buildKustomization(MONITORING)));
  const appliedMs = Date.now();
  const { groups } = load(readFileSync(join(MONITORING, 'rules.yaml'), 'utf8')) as Manifest;
  const [written] = await eventually('the file of rules', async () => {
    const files = await operator.ruleFiles();
    return files.length === 1 ? files : undefined;
  });
  assert.deepEqual(load(written ?? ''), { groups });
  const names = (groups as Manifest[]).flatMap((group) =>
    group.rules.map((rule: Manifest) => rule.record ?? rule.alert),
  );
  await eventually('rules without a fault', async () => {
    const loaded = await prometheus.rules();
    const isOk = loaded.every((rule) => rule.health === 'ok');
    return isOk && loaded.length === names.length ? loaded : undefined;
  });
  const loadedMs = Date.now();
  assert.deepEqual((await prometheus.rules()).map(({ name }) => name).toSorted(), names.toSorted());

  const editedMs = await workspace.edit('web', { 'config.yaml': 'broken: [1\n' });
  await pod.refresh();
  await pod.outcome('rejected', editedMs, 'config');
  const alert = await eventually('an alert that waits for its time', async () =>
    (await prometheus.alerts()).find((each) => each.labels.alertname === 'LastgoodDegraded'),
  );
  assert.deepEqual(alert.labels, {
    alertname: 'LastgoodDegraded',
    severity: 'warning',
    namespace: workspace.name,
    workload: 'web',
    bundle: 'config',
  });
  await prometheus.holds('namespace_workload_revision_bundle:lastgood_active_versions:count == 1');
  t.diagnostic(
    `Prometheus ready after ${seconds(readyMs - startedMs)}, rules loaded after ${seconds(loadedMs - appliedMs)}`,
  );
});

/** Otherwise a field that the operator does not know would be dropped without a message. */
function assertStrict(monitor: Manifest): void {
  const wrong = { ...monitor, spec: { ...monitor.spec, podMetricEndpoints: [] } };
  assert.throws(() => applyStrictly([wrong]), /podMetricEndpoints/);
}

/** A Deployment with the components for a namespace whose Prometheus has the operator. */
function makeWeb(t: TestContext): readonly Manifest[] {
  const dir = temporaryDirectory(t);
  cpSync(join(import.meta.dirname, 'fixtures/deployments/web.yaml'), join(dir, 'web.yaml'));
  writeFileSync(join(dir, 'lastgood.yaml'), readSettings());
  const components = ['publish', 'pod-monitor'];
  const kustomization = {
    resources: ['web.yaml'],
    components: components.map((name) => relative(dir, join(DEPLOY, 'kustomize', name))),
    configMapGenerator: [{ name: 'lastgood-settings', files: ['lastgood.yaml'] }],
  };
  writeFileSync(join(dir, 'kustomization.yaml'), JSON.stringify(kustomization));
  return buildKustomization(dir);
}

function moveTo(namespace: string, objects: readonly Manifest[]): readonly Manifest[] {
  return objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
}

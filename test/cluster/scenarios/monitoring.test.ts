import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { makeEdits } from '../../demo/edits.ts';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { browserFault, drawPage } from '../../monitoring/browser.ts';
import { expand, readDashboard, type Target } from '../../monitoring/dashboard.ts';
import { drawDashboard, sizeOf } from '../../monitoring/draw.ts';
import { renderMixin } from '../../monitoring/jsonnet.ts';
import { type ApiObject, eventually } from '../api.ts';
import { makeExample } from './example.ts';
import { seconds } from './figures.ts';
import type { Pod } from './pod.ts';
import { Prometheus } from './prometheus.ts';
import { type Manifest, Workspace } from './workspace.ts';

const EDITS = makeEdits();

/** As in production, but without the time that a person has to react. */
const SOON = { for: '4s' };

test('in a real Prometheus the alerts fire on a bad version and resolve on its fix', async (t) => {
  const workspace = await Workspace.create(t, 'monitored');
  workspace.apply(makeExample(EDITS.first).map(deployTwice));
  const { 'rules.yaml': rules = '' } = renderMixin({
    alerts: { degraded: SOON, latentBad: SOON },
  });
  const prometheus = await Prometheus.start(t, workspace, rules);
  const startedMs = Date.now();
  const pods = await findPods(workspace);
  await Promise.all(pods.map((pod) => pod.steady()));
  // It counts only what has changed since its first scrape.
  await prometheus.holds('count(lastgood_build_info) == 2');
  const change = async (config: string, outcome: string) => {
    const editedMs = await workspace.edit('model-config', { 'config.yaml': config });
    await Promise.all(pods.map((pod) => pod.refresh()));
    const ends = await Promise.all(pods.map((pod) => pod.outcome(outcome, editedMs)));
    return Math.max(...ends.map(({ atMs }) => atMs));
  };
  await change(EDITS.good, 'committed');

  const rejectedMs = await change(EDITS.schema, 'rejected');
  await prometheus.holds('sum(lastgood_degraded) == 2');
  const { labels, annotations } = await prometheus.firing('LastgoodDegraded');
  const firedMs = Date.now();
  assert.deepEqual(labels, {
    alertname: 'LastgoodDegraded',
    severity: 'warning',
    namespace: workspace.name,
    workload: 'inference-server',
    bundle: 'model',
  });
  assert.match(annotations.description ?? '', /^\d pods run on their last good version/);
  await prometheus.firing('LastgoodLatentBad');
  await prometheus.shows('lastgood_rejected_info', (reasons) =>
    assert.deepEqual(
      reasons.map(({ metric }) => [metric.pod, metric.step, metric.code]).toSorted(),
      pods.map(({ name }) => [name, 'validate', 'LG_VALIDATE_SCHEMA']).toSorted(),
    ),
  );
  const count = 'namespace_workload_revision_bundle:lastgood_active_versions:count';
  await prometheus.shows(count, (versions) =>
    assert.deepEqual(
      versions.map(({ value }) => value[1]),
      ['1'],
    ),
  );
  await assertDashboard(t, prometheus, startedMs);

  const fixedMs = await change(EDITS.fix, 'committed');
  await prometheus.resolved('LastgoodDegraded');
  await prometheus.resolved('LastgoodLatentBad');
  const resolvedMs = Date.now();
  assert.deepEqual(await prometheus.alerts(), []);
  t.diagnostic(
    `2 pods: rejected → alert ${seconds(firedMs - rejectedMs)} (for: 4s), committed → resolved ${seconds(resolvedMs - fixedMs)}`,
  );
});

/** The pod of the example as a Deployment of two. */
function deployTwice(object: Manifest): Manifest {
  if (object.kind !== 'Pod') return object;
  const { metadata, spec } = object;
  const { restartPolicy: _, ...rest } = spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: metadata.name },
    spec: {
      replicas: 2,
      selector: { matchLabels: metadata.labels },
      template: { metadata: { labels: metadata.labels }, spec: rest },
    },
  };
}

function findPods(workspace: Workspace): Promise<readonly Pod[]> {
  const { api, name } = workspace;
  return eventually('two pods', async () => {
    const { items } = await api.get<{ items: ApiObject[] }>(`/api/v1/namespaces/${name}/pods`);
    return items.length === 2
      ? items.map(({ metadata }) => workspace.pod(metadata.name))
      : undefined;
  });
}

/** Every query of the dashboard has an answer, and the browser draws it. */
async function assertDashboard(t: TestContext, prometheus: Prometheus, fromMs: number) {
  const dashboard = readDashboard();
  const panels = await Promise.all(
    dashboard.panels.map(async (panel) => ({
      panel,
      results: await Promise.all(
        (panel.targets ?? []).map((target) => ask(prometheus, target, fromMs)),
      ),
    })),
  );
  for (const { panel, results } of panels)
    for (const [index, result] of results.entries())
      assert.ok(result.length > 0, `${panel.title}: ${panel.targets?.[index]?.expr}`);
  for (const { expr } of dashboard.annotations.list) {
    const marks = await askRange(prometheus, expand(expr, RATE_INTERVAL), fromMs);
    const outcomes = marks.map(({ metric }) => metric.outcome);
    assert.deepEqual(outcomes.toSorted(), ['committed', 'rejected']);
  }
  const fault = browserFault();
  if (fault !== undefined) {
    assert.ok(!process.env.CI, fault);
    t.diagnostic(`the dashboard was not drawn: ${fault}`);
    return;
  }
  const dir = temporaryDirectory(t);
  const { picture, dom } = drawPage(dir, drawDashboard(panels, dashboard.title), sizeOf(panels));
  for (const { panel } of panels) assert.ok(dom.includes(panel.title), panel.title);
  assert.match(dom, /<td>[0-9a-f]{12}<\/td><td>validate<\/td><td>LG_VALIDATE_SCHEMA<\/td>/);
  assert.doesNotMatch(dom, /NaN|undefined|no data/);
  const { LASTGOOD_DASHBOARD_PNG: kept } = process.env;
  if (kept !== undefined) copyFileSync(picture, kept);
}

/** As Grafana takes with the usual scrapes, so that some may fail on a busy machine. */
const RATE_INTERVAL = '1m';
const STEP_MS = 2_000;

async function ask(prometheus: Prometheus, { expr, instant }: Target, fromMs: number) {
  const expression = expand(expr, RATE_INTERVAL);
  if (!instant) return askRange(prometheus, expression, fromMs);
  const samples = await prometheus.query(expression);
  return samples.map(({ metric, value }) => ({ metric, values: [value] }));
}

function askRange(prometheus: Prometheus, expression: string, fromMs: number) {
  return prometheus.queryRange(expression, fromMs, Date.now(), STEP_MS);
}

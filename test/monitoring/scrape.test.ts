import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { readFiles } from '../docs/repository.ts';

/** A relabeling, in the words of Prometheus or of its operator. */
type Relabeling = Readonly<Record<string, unknown>>;

function read(path: string) {
  return load(readFiles(path).get(path) ?? '') as {
    // biome-ignore lint/suspicious/noExplicitAny: a manifest has any shape
    readonly [key: string]: any;
  };
}

/** In the words of Prometheus. */
function translate(relabeling: Relabeling): Relabeling {
  const names: Readonly<Record<string, string>> = {
    sourceLabels: 'source_labels',
    targetLabel: 'target_label',
  };
  return Object.fromEntries(
    Object.entries(relabeling).map(([name, value]) => [names[name] ?? name, value]),
  );
}

test('the job for a Prometheus without the operator gives the labels that the PodMonitor gives', () => {
  const { spec } = read('deploy/kustomize/pod-monitor/pod-monitor.yaml');
  const [{ relabelings }] = spec.podMetricsEndpoints;
  const { scrape_configs: jobs } = read('deploy/monitoring/scrape-config.yaml');
  const { relabel_configs: own } = jobs[0];
  assert.deepEqual(own.slice(-relabelings.length), relabelings.map(translate));
  // The operator itself gives these to the targets of a PodMonitor.
  const before = own
    .slice(0, -relabelings.length)
    .flatMap(({ target_label: to }: Relabeling) => to ?? []);
  assert.deepEqual(before, ['namespace', 'pod', 'container']);
});

/** What Prometheus makes of the labels of a pod, with `replace`, the default of each relabeling here. */
function relabel(pod: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { scrape_configs: jobs } = read('deploy/monitoring/scrape-config.yaml');
  const labels: Record<string, string> = { ...pod };
  for (const { source_labels: sources, separator = ';', regex = '(.*)', ...to } of jobs[0]
    .relabel_configs) {
    if (to.action !== undefined) continue;
    const value = sources.map((name: string) => labels[name] ?? '').join(separator);
    const [, found] = new RegExp(`^(?:${regex})$`, 's').exec(value) ?? [];
    if (found !== undefined) labels[to.target_label] = found;
  }
  return labels;
}

const META = '__meta_kubernetes_pod_';

for (const [kind, name, hash, workload] of [
  ['ReplicaSet', 'web-api-6d4c', 'pod_template_hash', 'web-api'],
  ['ReplicaSet', 'web-api-6d4c', 'rollouts_pod_template_hash', 'web-api'],
  ['ReplicaSet', 'web-api', '', 'web-api'],
  ['StatefulSet', 'web-api', 'controller_revision_hash', 'web-api'],
  ['DaemonSet', 'web-api', 'controller_revision_hash', 'web-api'],
  ['Job', 'web-api-28382', '', 'web-api-28382'],
  ['', '', '', 'web-api-0'],
] as const)
  test(`a pod of ${kind || 'no controller'} ${hash && `with ${hash} `}belongs to ${workload}`, () => {
    const labels = relabel({
      [`${META}name`]: 'web-api-0',
      [`${META}controller_kind`]: kind,
      [`${META}controller_name`]: name,
      [`${META}label_${hash}`]: '6d4c',
    });
    assert.equal(labels.workload, workload);
    assert.equal(labels.revision, hash === '' ? '' : '6d4c');
  });

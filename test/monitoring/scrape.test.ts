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

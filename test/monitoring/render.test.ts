import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { readFiles } from '../docs/repository.ts';
import { MIXIN, renderMixin, run, skip } from './jsonnet.ts';

const SOURCES = [...readFiles('deploy/monitoring/*sonnet').keys()].map((path) =>
  path.slice('deploy/monitoring/'.length),
);

test('the rendered files are those of the sources: node test/monitoring/render.ts --write', {
  skip,
}, () => {
  const rendered = renderMixin();
  for (const [name, text] of Object.entries(rendered))
    assert.equal(readFileSync(join(MIXIN, name), 'utf8'), text, name);
});

test('the sources are formatted, and pass the linter of Jsonnet', { skip }, () => {
  assert.ok(SOURCES.length > 5);
  run('jsonnetfmt', '--test', ...SOURCES);
  for (const source of SOURCES) run('jsonnet-lint', source);
});

test('the objects for Kubernetes have the same rules and the same dashboard', { skip }, () => {
  const rendered = renderMixin();
  const read = (name: string) => load(rendered[name] ?? '') as Record<string, unknown>;
  assert.deepEqual(read('prometheus-rule.yaml').spec, read('rules.yaml'));
  const { data } = read('dashboard-configmap.yaml') as { data: Record<string, string> };
  assert.deepEqual(
    JSON.parse(data['dashboard.json'] ?? ''),
    JSON.parse(rendered['dashboard.json'] ?? ''),
  );
});

test('each key of the configuration changes what is rendered', { skip }, () => {
  const files = Object.values(
    renderMixin({
      lastgoodSelector: 'container="lg"',
      groupLabels: ['namespace', 'app'],
      runbookUrl: 'https://wiki.example.com/%s',
      alerts: { degraded: { for: '7m', severity: 'page' } },
      propagation: { slowSeconds: 30, slowRatio: 0.25, window: '2h', windowSeconds: 7200 },
      podsDisagreeSelector: 'bundle!="id"',
      settled: '11m',
      lasting: '9m',
      dashboard: { title: 'Configuration', uid: 'lg', tags: ['x'], refresh: '1m', from: 'now-2d' },
      namespace: 'observability',
      ruleLabels: { prometheus: 'k8s' },
      dashboardLabels: { grafana: 'yes' },
    }),
  );
  const text = files.join('\n');
  for (const part of [
    'sum by (namespace, app, bundle) (lastgood_degraded{container=',
    'https://wiki.example.com/LastgoodDegraded',
    'for: "7m"',
    'severity: "page"',
    '30([.]0)?',
    '> 0.25',
    '> 7200',
    'longer than 30 s',
    'bundle!=',
    '[11m] offset 11m',
    '[9m] offset 9m',
    'now-2d',
    'namespace: "observability"',
    'prometheus: "k8s"',
    'grafana: "yes"',
  ])
    assert.ok(text.includes(part), part);
  assert.doesNotMatch(text, /by \(cluster/);
});

test('a limit that is not a bucket of the histogram is refused', { skip }, () => {
  assert.throws(
    () => renderMixin({ propagation: { slowSeconds: 45 } }),
    /slowSeconds must be one of/,
  );
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { expand, type Panel, readDashboard } from './dashboard.ts';
import { findPromtool, promtoolFault } from './promtool.ts';

// The rules of Grafana's dashboard-linter, and some more. Source: grafana/dashboard-linter docs/.

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's own placeholder
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const COLUMNS = 24;

const dashboard = readDashboard();
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const expressions = [
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ...dashboard.annotations.list.map(({ expr }) => expr),
];

test('the data source is a variable, which every panel and every query uses', () => {
  const [first] = dashboard.templating.list;
  assert.deepEqual(
    [first?.name, first?.type, first?.query],
    ['datasource', 'datasource', 'prometheus'],
  );
  for (const { title, datasource, targets = [] } of panels) {
    assert.deepEqual(datasource, DATASOURCE, title);
    for (const target of targets) assert.deepEqual(target.datasource, DATASOURCE, title);
  }
});

test('every panel has its own title, a description, a unit and queries', () => {
  assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length);
  for (const { title, description, fieldConfig, targets = [] } of panels) {
    assert.match(description ?? '', /^\S.*\.$/s, title);
    assert.ok(fieldConfig?.defaults.unit, title);
    assert.ok(targets.length > 0, title);
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
});

test('each panel has its own id, and the panels neither overlap nor leave the screen', () => {
  const taken = new Set<string>();
  const ids = new Set(dashboard.panels.map(({ id }) => id));
  assert.equal(ids.size, dashboard.panels.length);
  for (const { title, gridPos } of dashboard.panels) {
    const { x, y, w, h } = gridPos;
    assert.ok(x + w <= COLUMNS, title);
    for (let row = y; row < y + h; row++)
      for (let column = x; column < x + w; column++) {
        assert.ok(!taken.has(`${row} ${column}`), title);
        taken.add(`${row} ${column}`);
      }
  }
});

test('every query selects the job and the variables, and each variable is used', () => {
  for (const expression of expressions) {
    const selectors = [...expression.matchAll(/[a-z]\{([^}]*)\}/g)].map(
      ([, matchers = '']) => matchers,
    );
    assert.ok(selectors.length > 0, expression);
    for (const matchers of selectors)
      for (const part of ['job=~"(.+/)?lastgood"', 'namespace=~"$namespace"', 'pod=~"$pod"'])
        assert.ok(matchers.includes(part), expression);
  }
  for (const { name, label, type, allValue } of dashboard.templating.list.slice(1)) {
    assert.deepEqual([type, allValue], ['query', '.*'], name);
    assert.ok(label, name);
    assert.ok(
      expressions.some((expression) => expression.includes(`"$${name}"`)),
      name,
    );
  }
});

test('the range of a rate follows the scrape interval; rare events count over an hour', () => {
  const ranges = expressions.flatMap((expression) => expression.match(/\[[^\]]+\]/g) ?? []);
  assert.ok(ranges.length > 0);
  for (const range of ranges) assert.match(range, /^\[(?:\$__rate_interval|1h)\]$/);
});

test('every series of a graph has a legend', () => {
  const graphs = panels.filter(({ type }) => type === 'timeseries' || type === 'state-timeline');
  for (const { title, targets = [] } of graphs)
    for (const { legendFormat } of targets) assert.match(legendFormat, /\{\{/, title);
});

test('a table shows each column that it orders', () => {
  for (const panel of panels.filter(({ type }) => type === 'table')) {
    const columns = orderedColumns(panel);
    const labels = JSON.stringify(panel.targets);
    for (const column of columns)
      assert.ok(
        /^Value #|^(?:namespace|pod|bundle|step|code)$/.test(column) ||
          labels.includes(`\\"${column}\\"`),
        column,
      );
  }
});

function orderedColumns({ transformations = [] }: Panel): readonly string[] {
  const organize = transformations.find(({ id }) => id === 'organize');
  return Object.keys(organize?.options.indexByName ?? {});
}

test('the health of a bundle is one of the states of the panel, also after staleAfter', {
  skip: promtoolFault(),
}, (t) => {
  const [{ expr = '' } = {}] = panels.find(({ title }) => title === 'Health')?.targets ?? [];
  const gauges = ['degraded', 'app_absent', 'pending_restart', 'ready'];
  const cases = [
    [0, 0, 0, 1, 0],
    [1, 0, 0, 1, 1],
    [0, 1, 0, 1, 2],
    [0, 0, 1, 1, 3],
    [0, 0, 0, 0, 4],
    [1, 0, 0, 0, 4],
    [0, 0, 1, 0, 4],
  ] as const;
  const labels = 'job="lastgood",namespace="shop",workload="web",pod="web-1",bundle="model"';
  const tests = cases.map((values) => ({
    interval: '1m',
    input_series: gauges.map((name, index) => ({
      series: `lastgood_${name}{${labels}}`,
      values: `${values[index]}`,
    })),
    promql_expr_test: [
      {
        expr: expand(expr, '2m'),
        eval_time: '0m',
        exp_samples: [
          { labels: '{namespace="shop",pod="web-1",bundle="model"}', value: values[4] },
        ],
      },
    ],
  }));
  const file = join(temporaryDirectory(t), 'health.yaml');
  writeFileSync(file, JSON.stringify({ tests }));
  const { status, stdout, stderr } = spawnSync(findPromtool(), ['test', 'rules', file], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
});

test('Prometheus understands every query', { skip: promtoolFault() }, (t) => {
  const rules = expressions.map((expression, index) => ({
    record: `dashboard:query:${index}`,
    expr: expand(expression, '2m'),
  }));
  const file = join(temporaryDirectory(t), 'queries.yaml');
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
  const { status, stderr } = spawnSync(findPromtool(), ['check', 'rules', file], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
});

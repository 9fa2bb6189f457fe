import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { load } from 'js-yaml';
import { readFiles } from '../docs/repository.ts';
import { temporaryDirectory } from '../kubelet/temporary-directory.ts';
import { type AlertCase, LABELS } from './alert-case.ts';
import { ALERT_CASES } from './alert-cases.ts';
import { MIXIN } from './jsonnet.ts';
import { findPromtool, promtoolFault } from './promtool.ts';

const skip = promtoolFault();

const RULES = join(MIXIN, 'rules.yaml');

interface Rule {
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

function readRules(): readonly Rule[] {
  const [text = ''] = readFiles('deploy/monitoring/rules.yaml').values();
  const { groups } = load(text) as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

function runPromtool(...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(findPromtool(), args, {
    encoding: 'utf8',
  });
  assert.equal(status, 0, `${stdout}${stderr}`);
}

/** `metric{name="value",…}`; an empty label is none. */
function seriesName(metric: string, labels: Readonly<Record<string, string>>): string {
  const all = Object.entries<string>({ ...LABELS, ...labels }).filter(([, value]) => value !== '');
  return `${metric}{${all.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}}`;
}

/** What promtool shall find: the bundles of the alerts that fire, or their workloads. */
function expectations({ alert, firing }: AlertCase) {
  return Object.entries(firing).map(([minute, names]) => ({
    eval_time: `${minute}m`,
    expr: `count by (name) (label_join(ALERTS{alertname="${alert}",alertstate="firing"}, "name", "", "${alert === 'LastgoodDown' ? 'workload' : 'bundle'}"))`,
    exp_samples: names.map((name) => ({ labels: `{name="${name}"}`, value: 1 })),
  }));
}

function runCase(t: TestContext, each: AlertCase, more: object = {}): void {
  const dir = temporaryDirectory(t);
  cpSync(RULES, join(dir, 'rules.yaml'));
  const file = join(dir, 'test.yaml');
  const series = each.series.map(([metric, labels, values]) => ({
    series: seriesName(metric, labels),
    values,
  }));
  const unit = {
    interval: '1m',
    input_series: series,
    promql_expr_test: expectations(each),
    ...more,
  };
  const content = { rule_files: ['rules.yaml'], evaluation_interval: '30s', tests: [unit] };
  writeFileSync(file, JSON.stringify(content));
  runPromtool('test', 'rules', file);
}

test('the rules pass the linter of Prometheus', { skip }, () => {
  runPromtool('check', 'rules', '--lint=all', '--lint-fatal', RULES);
});

for (const each of ALERT_CASES)
  test(`${each.alert}: ${each.title}`, { skip }, (t) => runCase(t, each));

test('every alert has a case in which it fires and resolves, and one in which it does not fire', () => {
  for (const { alert } of readRules().filter((rule) => rule.alert !== undefined)) {
    const firing = ALERT_CASES.filter((each) => each.alert === alert).map((each) =>
      Object.values(each.firing).map((names) => names.length > 0),
    );
    assert.ok(
      firing.some((fires) => fires.includes(true) && fires.at(-1) === false),
      `${alert} fires`,
    );
    assert.ok(
      firing.some((fires) => !fires.includes(true)),
      `${alert} does not fire`,
    );
  }
});

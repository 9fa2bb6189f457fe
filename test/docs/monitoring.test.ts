import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { createMetrics } from '../../sidecar/src/observability/metrics.ts';
import { readFiles, readSection } from './repository.ts';

const PAGE = 'docs/monitoring.md';
const RULES = 'deploy/monitoring/rules.yaml';

interface Rule {
  readonly alert?: string;
  readonly for?: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

function readAlerts(): readonly Rule[] {
  const { groups } = load(readFiles(RULES).get(RULES) ?? '') as { groups: { rules: Rule[] }[] };
  return groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);
}

test(`${PAGE} has every alert with its severity and wait, in the order of the rules`, () => {
  const rows = readSection(PAGE, '## Alerts').matchAll(
    /^\| \[(\w+)\]\(alerts\/\1\.md\) \| (\w+) \| (\d+) min \|/gm,
  );
  const shown = [...rows].map(([, alert, severity, minutes]) => [alert, severity, `${minutes}m`]);
  const known = readAlerts().map((rule) => [rule.alert, rule.labels?.severity, rule.for]);
  assert.deepEqual(shown, known);
});

test('every alert has a summary, a description, and a page with its severity and what to do', () => {
  const pages = readFiles('docs/alerts/*.md');
  const alerts = readAlerts();
  assert.deepEqual(
    [...pages.keys()].toSorted(),
    alerts.map(({ alert }) => `docs/alerts/${alert}.md`).toSorted(),
  );
  for (const { alert = '', labels, annotations = {} } of alerts) {
    assert.deepEqual(Object.keys(annotations).toSorted(), [
      'description',
      'runbook_url',
      'summary',
    ]);
    assert.ok(annotations.runbook_url?.endsWith(`/docs/alerts/${alert}.md`), alert);
    const page = pages.get(`docs/alerts/${alert}.md`) ?? '';
    assert.ok(page.startsWith(`# ${alert}\n\nSeverity: ${labels?.severity}. `), alert);
    const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    assert.deepEqual(headings, ['What to look at', 'What to do', 'Silence'], alert);
    assert.match(page, /kubectl /, alert);
  }
});

test('the rules, the dashboard and the pages of the alerts name only metrics that there are', () => {
  const known = new Set(
    createMetrics('1.0.0')
      .registry.getMetricsAsArray()
      .map(({ name }) => name),
  );
  for (const [path, text] of readFiles(['deploy/monitoring/*.{yaml,json}', 'docs/alerts/*.md']))
    for (const [name] of text.matchAll(/(?<!:)\b(?:lastgood|process)_[a-z_]+\b/g)) {
      const metric = name.replace(/_(?:bucket|count|sum)$/, '');
      assert.ok(known.has(metric), `${path} names ${name}`);
    }
});

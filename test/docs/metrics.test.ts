import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../sidecar/src/observability/metrics.ts';
import { readFiles, readSection } from './repository.ts';

const PAGE = 'docs/metrics.md';

/** The name of a property in an interface. */
const PROPERTY = /^ {2}readonly (\w+)\??:/gm;

/** The interfaces that `/status` consists of, by file. */
const INTERFACES: Readonly<Record<string, readonly string[]>> = {
  'sidecar/src/observability/status.ts': [
    'Status',
    'BundleStatus',
    'HealthStatus',
    'Rejected',
    'RolloutStatus',
    'StepStatus',
  ],
  'sidecar/src/rollout/health.ts': ['Health'],
  'sidecar/src/subscribers/subscribers-status.ts': ['SubscribersStatus', 'SubscriberStatus'],
  'sidecar/src/rollout/state.ts': ['Rejection'],
  'core/src/model/finding.ts': ['Finding', 'Location'],
};

function propertiesOf(file: string, name: string): string[] {
  const source = readFiles(file).get(file) ?? '';
  const [, body] = new RegExp(`interface ${name} [^{]*\\{\\n([\\s\\S]*?)\\n\\}`).exec(source) ?? [];
  assert.ok(body, `${name} in ${file}`);
  return [...body.matchAll(PROPERTY)].map(([, property = '']) => property);
}

test(`${PAGE} has every metric with its type and labels, and no other`, () => {
  const known = createMetrics('1.0.0').registry.getMetricsAsArray();
  const expected = known.map((metric) => {
    const { name, labelNames } = metric as unknown as { name: string; labelNames: string[] };
    return [name, metric.constructor.name.toLowerCase(), ...labelNames].join(' ');
  });
  const rows = readSection(PAGE, '## Metrics').matchAll(/^\| `(.+?)` \| (\w+) \| (.*?) ?\|/gm);
  const shown = [...rows].map(([, name, type, labels = '']) =>
    [name, type, ...(labels.match(/\w+/g) ?? [])].join(' '),
  );
  assert.deepEqual(shown.toSorted(), expected.toSorted());
});

test(`${PAGE} has every field of /status, and no other`, () => {
  const known = Object.entries(INTERFACES).flatMap(([file, names]) =>
    names.flatMap((name) => propertiesOf(file, name)),
  );
  const rows = readSection(PAGE, '## Status').matchAll(/^\| (`.+?`) \|/gm);
  const paths = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)]);
  const shown = paths.flatMap(([, path = '']) => path.replaceAll('[]', '').split('.'));
  // The id of the rollout that rejected a version is not shown.
  assert.deepEqual([...new Set(shown)].toSorted(), [...new Set(known)].toSorted());
});

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { STEPS } from '@lastgood/core/model/steps.ts';
import { OUTCOMES } from '../rollout/outcome.ts';
import { CHECK_KINDS } from '../steps/validate/stopwatch.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const A: Version = `sha256:${'a'.repeat(64)}`;
const B: Version = `sha256:${'b'.repeat(64)}`;

let metrics: Metrics;
let isReady: boolean;

beforeEach(() => {
  isReady = false;
  metrics = createMetrics('0.1.0');
  metrics.declareBundle('model', { targets: ['webhook-1'], isReady: () => isReady });
});

/** Does all there is to do, so that every metric has a series. */
function useAll(): void {
  for (const outcome of OUTCOMES) metrics.rolloutEnded('model', outcome);
  for (const step of STEPS) metrics.stepTook('model', step, 0.002);
  for (const check of CHECK_KINDS) metrics.checkTook('model', check, 0.002);
  metrics.committed('model', 6.5);
  const findings = [findingOf('LG_DELIVER_ABSENT', ['app', 'ECONNREFUSED'])];
  const rejected = { rollout: '01J', version: B, step: 'deliver', findings } as const;
  metrics.versionsAre('model', { active: A, desired: B, rejected });
  metrics.captured('model', { sizeBytes: 2048, files: [] });
  isReady = true;
  metrics.healthIs('model', {
    degraded: true,
    appAbsent: false,
    pendingRestart: false,
    sinceMs: 1_700_000_000_500,
    volumeRejected: true,
    rollbackFailing: false,
  });
  metrics.deliveryRetried('model', 'webhook-1');
  metrics.watchRestarted('model');
  metrics.subscribersAre('model', 2);
  metrics.subscriberAnswered('model', 'prepare', 'accept');
}

async function series(): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('P8: the size of a snapshot does not tell the length of a lone password', async () => {
  const metrics = createMetrics('0.1.0');
  const file = { path: 'password', mode: 0o600, bytes: Buffer.alloc(0), sha256: '', secret: true };
  for (const sizeBytes of [1, 8, 1024]) {
    metrics.captured('db', { sizeBytes, files: [file] });
    assert.match(await metrics.text(), /^lastgood_snapshot_bytes\{bundle="db"\} 1024$/m);
  }
});

test("a declared bundle's counters start at 0, one for each outcome", async () => {
  const lines = await series();
  for (const outcome of OUTCOMES)
    assert.ok(lines.includes(`lastgood_rollouts_total{bundle="model",outcome="${outcome}"} 0`));
  for (const line of [
    'lastgood_delivery_retries_total{bundle="model",target="webhook-1"} 0',
    'lastgood_watch_restarts_total{bundle="model"} 0',
    'lastgood_ready{bundle="model"} 0',
    'lastgood_degraded{bundle="model"} 0',
    'lastgood_app_absent{bundle="model"} 0',
    'lastgood_volume_rejected{bundle="model"} 0',
    'lastgood_rollback_failing{bundle="model"} 0',
    'lastgood_version_comparable{bundle="model"} 1',
    'lastgood_commit_latency_seconds_count{bundle="model"} 0',
  ])
    assert.ok(lines.includes(line), line);
});

test('each event is counted', async () => {
  useAll();
  const lines = await series();
  for (const line of [
    'lastgood_rollouts_total{bundle="model",outcome="rolled-back"} 1',
    'lastgood_step_duration_seconds_bucket{le="0.001",bundle="model",step="publish"} 0',
    'lastgood_step_duration_seconds_bucket{le="0.0025",bundle="model",step="publish"} 1',
    'lastgood_commit_latency_seconds_sum{bundle="model"} 6.5',
    'lastgood_snapshot_bytes{bundle="model"} 2048',
    'lastgood_snapshot_files{bundle="model"} 0',
    'lastgood_delivery_retries_total{bundle="model",target="webhook-1"} 1',
    'lastgood_watch_restarts_total{bundle="model"} 1',
    'lastgood_ready{bundle="model"} 1',
    'lastgood_degraded{bundle="model"} 1',
    'lastgood_volume_rejected{bundle="model"} 1',
    'lastgood_rollback_failing{bundle="model"} 0',
    'lastgood_health_since_timestamp_seconds{bundle="model"} 1700000000.5',
    'lastgood_build_info{version="0.1.0"} 1',
  ])
    assert.ok(lines.includes(line), line);
});

const UNKNOWN = { active: null, desired: null, rejected: null };

test('a bundle has at most one series of each version, and none if it is unknown', async () => {
  const versions = async () => (await series()).filter((line) => /_info.*bundle/.test(line));
  assert.deepEqual(await versions(), []);
  metrics.versionsAre('model', { ...UNKNOWN, active: A, desired: A });
  metrics.versionsAre('other', { ...UNKNOWN, active: A });
  const findings = [
    warningOf('LG_CAPTURE_UNSET', ['NAME']),
    findingOf('LG_DELIVER_ABSENT', ['app', 'ECONNREFUSED']),
  ];
  const rejected = { rollout: '01J', version: B, step: 'deliver', findings } as const;
  metrics.versionsAre('model', { active: A, desired: B, rejected });
  assert.deepEqual(await versions(), [
    `lastgood_active_info{bundle="other",version="${A}"} 1`,
    `lastgood_active_info{bundle="model",version="${A}"} 1`,
    `lastgood_desired_info{bundle="model",version="${B}"} 1`,
    `lastgood_rejected_info{bundle="model",version="${B}",step="deliver",code="LG_DELIVER_ABSENT"} 1`,
  ]);
  metrics.versionsAre('model', UNKNOWN);
  assert.equal((await versions()).length, 1);
});

test('content that cannot be read is rejected without a version', async () => {
  const findings = [findingOf('LG_CAPTURE_MISSING', ['/source'])];
  const rejected = { rollout: '01J', version: null, step: 'capture', findings } as const;
  metrics.versionsAre('model', { ...UNKNOWN, rejected });
  const [line] = (await series()).filter((each) => each.startsWith('lastgood_rejected_info'));
  assert.match(line ?? '', /version="",step="capture",code="LG_CAPTURE_MISSING"/);
});

test('a commit before its write, by skewed clocks, counts as a latency of 0', async () => {
  metrics.committed('model', -3);
  assert.ok((await series()).includes('lastgood_commit_latency_seconds_sum{bundle="model"} 0'));
});

test('all labels are bounded, and only _info has a version', async () => {
  useAll();
  const bounded = [
    'bundle',
    'target',
    'outcome',
    'step',
    'check',
    'code',
    'volume',
    'event',
    'verdict',
    'le',
  ];
  for (const line of await series()) {
    const labels = [...line.matchAll(/[{,]([a-zA-Z_]+)="/g)].map(([, label]) => label ?? '');
    const allowed = /^\w+_info\{/.test(line) ? [...bounded, 'version'] : bounded;
    assert.deepEqual(
      labels.filter((label) => !allowed.includes(label)),
      [],
      line,
    );
  }
});

// The rules of promtool check metrics. Source: prometheus util/promlint.
test('names, units and help texts pass the linter of Prometheus', async () => {
  useAll();
  const lines = (await metrics.text()).split('\n');
  const types = lines.flatMap((line) => {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    return name === undefined || type === undefined ? [] : [{ name, type }];
  });
  assert.equal(types.length, 26);
  for (const { name, type } of types) {
    assert.match(name, /^(lastgood|process)_[a-z_]+$/);
    assert.equal(name.endsWith('_total'), type === 'counter', `${name}: _total is for counters`);
    if (type === 'histogram') assert.match(name, /_seconds$/);
    assert.doesNotMatch(name, /_(count|sum|bucket|gauge|counter|histogram|milliseconds|kib|mib)$/);
    assert.ok(
      lines.some((line) => new RegExp(`^# HELP ${name} \\S.*\\.$`).test(line)),
      `${name}: no help`,
    );
  }
});

test('the metrics of the process are read during the scrape', async () => {
  const sampleOf = async (name: string) => {
    const line = (await series()).find((each) => each.startsWith(`${name} `));
    return Number(line?.split(' ')[1]);
  };
  assert.ok((await sampleOf('process_resident_memory_bytes')) > 1e6);
  assert.ok((await sampleOf('process_start_time_seconds')) <= Date.now() / 1000);
  const before = await sampleOf('process_cpu_seconds_total');
  const end = performance.now() + 20;
  while (performance.now() < end);
  assert.ok((await sampleOf('process_cpu_seconds_total')) > before);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Registry from 'prom-client/lib/registry.js';
import type { Effect } from '../../rollout/events.ts';
import type { StepReport } from '../../runner/ports.ts';
import { createMetricsAdapter } from './metrics-adapter.ts';

const REPORT: StepReport = {
  rollout: '1',
  version: null,
  step: 'deliver',
  result: 'accepted',
  durationMs: 250,
  findings: [],
  isRollback: false,
};

const FINISH = { type: 'finish', rollout: '1', version: null } as const;
const EXHAUSTED: Effect & { type: 'finish' } = {
  ...FINISH,
  outcome: 'rejected',
  failure: { kind: 'fault', step: 'deliver', findings: [] },
};

/** A adapter of two URLs, and what its metrics say: every sample that is not a comment. */
function followed() {
  const registry = new Registry();
  const adapter = createMetricsAdapter(registry, ['a', 'b']);
  const samples = async () =>
    (await registry.metrics())
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.replace('configmap_reload_', ''));
  return { adapter, samples };
}

test('before the first delivery there is no series of a URL', async () => {
  const { samples } = followed();
  assert.deepEqual(await samples(), ['watcher_errors_total 0']);
});

test('of each URL a bundle: its deliveries count for it', async () => {
  const { adapter, samples } = followed();
  adapter.step('webhook-1', { ...REPORT, targetIndex: 0, status: 200 });
  assert.deepEqual(await samples(), [
    'last_reload_error{webhook="b"} 0',
    'last_request_duration_seconds{webhook="b"} 0.25',
    'success_reloads_total{webhook="b"} 1',
    'watcher_errors_total 0',
    'requests_total{webhook="b",status_code="200"} 1',
  ]);
});

test('with one bundle for all URLs, the place of the target says which', async () => {
  const { adapter, samples } = followed();
  adapter.step('webhooks', { ...REPORT, targetIndex: 0, status: 200 });
  adapter.step('webhooks', { ...REPORT, targetIndex: 1, status: 500, result: 'fault' });
  adapter.finished('webhooks', { ...EXHAUSTED, outcome: 'rolled-back' }, false);
  const said = await samples();
  for (const line of [
    'last_reload_error{webhook="a"} 0',
    'last_reload_error{webhook="b"} 1',
    'request_errors_total{webhook="b",reason="client_response"} 1',
    'request_errors_total{webhook="b",reason="retries_exhausted"} 1',
  ])
    assert.ok(said.includes(line), line);
  assert.ok(!said.some((line) => line.includes('webhook="a",reason=')));
});

test('only deliveries count, and only the end of one that failed', async () => {
  const { adapter, samples } = followed();
  adapter.step('webhook-0', { ...REPORT, step: 'validate', result: 'rejected' });
  adapter.finished('webhook-0', EXHAUSTED, false);
  adapter.finished('webhook-0', { ...FINISH, outcome: 'committed', failure: null }, false);
  const refused = { kind: 'refused', step: 'validate', findings: [] } as const;
  adapter.finished('webhook-0', { ...EXHAUSTED, failure: refused }, false);
  assert.deepEqual(await samples(), ['watcher_errors_total 0']);
});

test('no reply counts as client_request_do, and a restarted watch as a watcher error', async () => {
  const { adapter, samples } = followed();
  adapter.step('webhook-0', { ...REPORT, result: 'absent' });
  adapter.watchRestarted('webhook-0');
  assert.deepEqual(await samples(), [
    'last_reload_error{webhook="a"} 1',
    'request_errors_total{webhook="a",reason="client_request_do"} 1',
    'watcher_errors_total 1',
  ]);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import Registry from 'prom-client/lib/registry.js';
import type { StepReport } from '../../runner/ports.ts';
import { fileOf, snapshotOf } from '../../steps/validate/snapshot.testing.ts';
import { createMetricsAdapter } from './metrics-adapter.ts';

function adapterFor(method: 'http' | 'signal') {
  const registry = new Registry();
  const options = { watched: 2, expanded: 'p.yaml', env: {}, ordinalFrom: 'POD_NAME' };
  const adapter = createMetricsAdapter(registry, { method, ...options });
  const step = (step: StepReport['step'], result: string, more: Partial<StepReport> = {}) =>
    adapter.step('config', {
      rollout: '1',
      version: null,
      step,
      result,
      durationMs: 1,
      findings: [],
      isRollback: false,
      ...more,
    });
  const value = async (name: string) => {
    const { values = [] } = (await registry.getSingleMetric(`reloader_${name}`)?.get()) ?? {};
    return values[0]?.value;
  };
  const reloads = async () => [
    await value('reloads_total'),
    await value('reloads_failed_total'),
    await value('last_reload_successful'),
  ];
  return { adapter, step, value, reloads };
}

test('by http, the answer says whether the reload went well', async () => {
  const { step, reloads, value } = adapterFor('http');
  step('deliver', 'absent');
  assert.deepEqual(await reloads(), [1, 1, 0]);
  const before = Date.now() / 1_000;
  step('deliver', 'accepted');
  const after = Date.now() / 1_000;
  assert.deepEqual(await reloads(), [2, 1, 1]);
  const seconds = (await value('last_reload_success_timestamp_seconds')) ?? 0;
  assert.ok(before <= seconds && seconds <= after, `${seconds}`);
  step('deliver', 'fault');
  assert.deepEqual(await reloads(), [3, 2, 0]);
});

test('by signal, the proof says it', async () => {
  const { step, reloads } = adapterFor('signal');
  step('deliver', 'accepted');
  assert.deepEqual(await reloads(), [1, 0, 0]);
  step('confirm', 'accepted');
  assert.deepEqual(await reloads(), [1, 0, 1]);
  step('deliver', 'accepted');
  step('confirm', 'rejected');
  assert.deepEqual(await reloads(), [2, 1, 0]);
  step('deliver', 'absent');
  assert.deepEqual(await reloads(), [3, 2, 0]);
});

test('what cannot be captured, is rejected or cannot be written is a failed operation', async () => {
  const { adapter, step, value } = adapterFor('http');
  const operations = async () => [
    await value('config_apply_operations_total'),
    await value('config_apply_operations_failed_total'),
  ];
  const snapshot = snapshotOf(fileOf('p.yaml', '$(NO) $(NO) $(STATEFULSET_ORDINAL_NUMBER)'));
  step('capture', 'captured', { snapshot });
  step('validate', 'accepted');
  step('publish', 'published');
  assert.deepEqual(await operations(), [1, 0]);
  assert.equal(await value('config_environment_variable_expansion_errors'), 2);
  step('capture', 'rejected');
  assert.deepEqual(await operations(), [2, 1]);
  step('validate', 'rejected');
  step('publish', 'failed');
  assert.deepEqual(await operations(), [2, 3]);
  adapter.watchRestarted('config');
  assert.deepEqual([await value('watch_errors_total'), await value('watches')], [1, 2]);
});

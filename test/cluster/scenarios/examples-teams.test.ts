import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExampleRun, readTable, restartApp, show } from './examples/example-run.ts';
import { observe } from './examples/observe.ts';
import { seconds } from './figures.ts';

describe('examples of teams and environments', { concurrency: true }, () => {
  test('environments: production rejects what dev commits', async (t) => {
    const [dev, production] = await Promise.all([
      ExampleRun.start(t, 'environments/overlays/dev'),
      ExampleRun.start(t, 'environments/overlays/production'),
    ]);
    const pods = await Promise.all([dev.steadyPod('shop'), production.steadyPod('shop')]);
    const [devPod, productionPod] = pods;
    const editedMs = Date.now();
    for (const run of [dev, production])
      await run.edit('configmaps', 'settings', { BATCH_SIZE: '32' });
    const commits = await Promise.all(pods.map((pod) => pod.outcome('committed', editedMs)));

    const levelMs = Date.now();
    await dev.edit('configmaps', 'settings', { LOG_LEVEL: 'info' });
    await production.edit('configmaps', 'settings', { LOG_LEVEL: 'debug' });
    const [, rejected] = await Promise.all([
      devPod.outcome('committed', levelMs),
      productionPod.outcome('rejected', levelMs),
    ]);
    assert.match(rejected.msg, /LOG_LEVEL: must be one of .*\[LG_VALIDATE_SCHEMA\]/);
    const backMs = Date.now();
    await dev.edit('configmaps', 'settings', { LOG_LEVEL: 'debug' });
    await devPod.outcome('committed', backMs);
    assert.equal((await show(devPod)).files['/config/LOG_LEVEL'], 'debug');
    assert.equal((await show(productionPod)).files['/config/LOG_LEVEL'], 'warning');
    assert.deepEqual(readTable('environments'), {
      'value that all environments allow': 'live',
      'LOG_LEVEL: debug in dev': 'live',
      'LOG_LEVEL: debug in production': 'never',
      'schema of an overlay': 'new pods',
    });
    const tookMs = commits.map(({ atMs }) => atMs - editedMs);
    dev.report(`environments: edit → commit ${tookMs.map(seconds).join(' and ')}`);
  });

  test('layers: a base and an override are checked as one', async (t) => {
    const run = await ExampleRun.start(t, 'layers');
    const pod = await run.steadyPod('layers');
    const { files } = await show(pod);
    assert.deepEqual([files['/config/LOG_LEVEL'], files['/config/MAX_WORKERS']], ['warning', '4']);
    await observe(run, 'layers', {
      pod,
      rows: {
        'value of the base that nothing overrides': (shown) => shown.files['/config/MAX_WORKERS'],
        'value of the override': (shown) => shown.files['/config/POOL_SIZE'],
        'value of the base that is overridden': (shown) => shown.files['/config/LOG_LEVEL'],
      },
      edit: async () => {
        await run.edit('configmaps', 'base', { MAX_WORKERS: '8', LOG_LEVEL: 'error' });
        await run.edit('configmaps', 'override', { POOL_SIZE: '30' });
      },
      again: {
        row: 'value of the override',
        edit: () => run.edit('configmaps', 'override', { POOL_SIZE: '31' }),
      },
      rejected: {
        row: 'value that breaks a rule with one of the other layer',
        bundle: 'config',
        edit: async () => {
          await run.edit('configmaps', 'base', {
            'base.json': '{ "batch_size": 16, "max_batch_size": 24, "timeout_ms": 500 }',
          });
        },
        reason: /batch_size must be at most max_batch_size.*\[LG_VALIDATE_RULE\]/,
      },
      restart: restartApp,
    });
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExampleRun, readTable, restartApp, show, startedAfter } from './examples/example-run.ts';
import { observe, type Rows } from './examples/observe.ts';
import { seconds } from './figures.ts';

const CONSUME: Rows = {
  env: ({ env }) => env.BATCH_SIZE,
  'envFrom with prefix': ({ env }) => env.MODEL_BATCH_SIZE,
  args: ({ args }) => args,
  volume: ({ files }) => files['/forms/volume/config.yaml'],
  'volume with items': ({ files }) => files['/forms/items/model/config.yaml'],
  'projected volume': ({ files }) => [
    files['/forms/projected/model/labels.txt'],
    files['/forms/projected/device/name'],
  ],
  'optional object that comes later': ({ files }) => files['/forms/optional/key'],
  'Secret volume': ({ files }) => files['/forms/secret/token'],
  'downwardAPI volume': ({ files }) => files['/forms/downward/track'],
  subPath: ({ files }) => files['/forms/sub-path/config.yaml'],
  'immutable object': ({ files }) => files['/forms/immutable/vocabulary'],
};

describe('examples of ConfigMaps', { concurrency: true }, () => {
  test('consume: volumes change live, variables and subPath with a restart', async (t) => {
    const run = await ExampleRun.start(t, 'consume');
    const pod = await run.steadyPod('consume');
    await observe(run, 'consume', {
      pod,
      rows: CONSUME,
      edit: async () => {
        await run.edit('configmaps', 'settings', { BATCH_SIZE: '64' });
        await run.edit('configmaps', 'device', { name: 'cuda' });
        await run.edit('configmaps', 'model', {
          'config.yaml': 'batch_size: 64\n',
          'labels.txt': 'any\n',
        });
        await run.edit('secrets', 'api', { token: 'a-token-of-another-length' });
        await assert.rejects(run.edit('configmaps', 'frozen', { vocabulary: 'v2' }), /immutable/);
        run.apply([
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'extra' },
            data: { key: 'there' },
          },
        ]);
        const annotations = { 'example.com/track': 'canary' };
        await run.workspace.api.patch(pod.path, { metadata: { annotations } });
      },
      again: {
        row: 'volume',
        edit: () => run.edit('configmaps', 'model', { 'config.yaml': 'batch_size: 128\n' }),
      },
      restart: restartApp,
    });
  });

  test('create: however a ConfigMap is created, an edit arrives live, and a bad one does not', async (t) => {
    const run = await ExampleRun.start(t, 'create');
    const pod = await run.steadyPod('create');
    const rows: Rows = {
      'ConfigMap of literals': ({ files }) => files['/config/BATCH_SIZE'],
      'ConfigMap of a file': ({ files }) => files['/config/model.yaml'],
      'ConfigMap of an env-file': ({ files }) => files['/config/MAX_TOKENS'],
      'ConfigMap of a manifest': ({ files }) => files['/config/features.json'],
    };
    await observe(run, 'create', {
      pod,
      rows,
      edit: async () => {
        await run.edit('configmaps', 'flags', { BATCH_SIZE: '64' });
        await run.edit('configmaps', 'model', {
          'model.yaml': 'name: review-sentiment\ncheckpoint: v8\nlabels: [negative, positive]\n',
        });
        await run.edit('configmaps', 'limits', { MAX_TOKENS: '1024' });
        await run.edit('configmaps', 'features', {
          'features.json': '{"store": "feast", "entity": "user_id", "features": ["age"]}',
        });
      },
      again: {
        row: 'ConfigMap of literals',
        edit: () => run.edit('configmaps', 'flags', { BATCH_SIZE: '48' }),
      },
      rejected: {
        row: 'value that fails its check',
        bundle: 'config',
        edit: () => run.edit('configmaps', 'flags', { BATCH_SIZE: '128' }),
        reason: /BATCH_SIZE: must be <= 64 \(is 128\).*\[LG_VALIDATE_SCHEMA\]/,
      },
      restart: restartApp,
    });
  });

  test('hybrid: files change live, and variables by a restart that lastgood makes', async (t) => {
    const run = await ExampleRun.start(t, 'hybrid');
    const pod = await run.steadyPod('hybrid');
    const { startedAt } = await show(pod);
    const editedMs = Date.now();
    await run.edit('configmaps', 'model', { 'config.yaml': 'batch_size: 64\ndevice: cpu\n' });
    const live = await pod.outcome('committed', editedMs, 'files');
    assert.equal((await show(pod)).startedAt, startedAt);

    const changedMs = Date.now();
    await run.edit('configmaps', 'variables', { WORKERS: '8' });
    const shown = await startedAfter(pod, startedAt);
    const restarted = await pod.outcome('committed', changedMs, 'variables');
    assert.equal(shown.env.WORKERS, '8');

    const badMs = Date.now();
    await run.edit('configmaps', 'variables', { WORKERS: 'many' });
    await pod.outcome('rejected', badMs, 'variables');
    assert.deepEqual(await show(pod), shown);
    assert.deepEqual(readTable('hybrid'), {
      'file in a volume': 'live',
      variable: 'restart',
      'variable that fails its checks': 'never',
    });
    run.report(
      `hybrid: file → commit ${seconds(live.atMs - editedMs)}, variable → commit ${seconds(restarted.atMs - changedMs)}`,
    );
  });
});

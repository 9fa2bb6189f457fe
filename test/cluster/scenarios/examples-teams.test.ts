import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../../kubelet/temporary-directory.ts';
import { Client } from './client.ts';
import { readNode } from './containers.ts';
import { EXAMPLES, ExampleRun, readTable, restartApp, show } from './examples/example-run.ts';
import { observe } from './examples/observe.ts';
import { seconds } from './figures.ts';
import type { Manifest } from './workspace.ts';

const PRODUCTION = readFileSync(join(EXAMPLES, 'production/config.yaml'), 'utf8');

const node = readNode();
const skipAudit = node === undefined ? 'the audit log of this cluster is out of reach' : false;

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

  test('production: all pods take a good edit, none a bad one, and no request fails', async (t) => {
    const run = await ExampleRun.start(t, 'production');
    const literals = [
      '--from-literal=access-key=an-example',
      '--from-literal=secret-key=an-example',
    ];
    run.workspace.kubectl('create', 'secret', 'generic', 'bucket', ...literals);
    const pods = await run.steadyPods('inference', 2);
    const clients = pods.map((pod) => new Client(() => pod.url(8080)));
    t.after(() => Promise.all(clients.map((client) => client.stop())));
    const edit = async (change: (text: string) => string, outcome: string) => {
      const editedMs = Date.now();
      await run.edit('configmaps', 'model-config', { 'config.yaml': change(PRODUCTION) });
      const lines = await Promise.all(pods.map((pod) => pod.outcome(outcome, editedMs)));
      return { lines, tookMs: lines.map(({ atMs }) => atMs - editedMs) };
    };
    const good = await edit(
      (text) => text.replace('max_length: 256', 'max_length: 128'),
      'committed',
    );
    assert.equal(new Set(good.lines.map(({ version }) => version)).size, 1);
    const failing = await edit(
      (text) => text.replace('batch_size: 16', 'batch_size: 128'),
      'rejected',
    );
    assert.match(failing.lines[0]?.msg ?? '', /LG_VALIDATE_SCHEMA/);
    const unusable = await edit((text) => text.replace('review-sentiment-v7', 'lost'), 'rejected');
    assert.match(unusable.lines[0]?.msg ?? '', /LG_PREPARE_REFUSED/);
    await Promise.all(clients.map((client) => client.stop()));
    for (const client of clients) {
      assert.deepEqual(client.failures, []);
      assert.equal(client.versions.at(-1), good.lines[0]?.version);
    }
    assert.deepEqual(readTable('production'), {
      'config.yaml': 'live',
      'config.yaml that fails its checks': 'never',
      'config.yaml that the app cannot load': 'never',
      'lastgood.yaml and the schema': 'new pods',
      'Secret of the init container': 'new pods',
    });
    const requests = clients.reduce((sum, { answered }) => sum + answered, 0);
    run.report(
      `production: edit → commit ${good.tookMs.map(seconds).join(' and ')}; ${requests} requests, 0 failed`,
    );
  });

  test('audit: who changed what, and what became of it', { skip: skipAudit }, async (t) => {
    const run = await ExampleRun.start(t, 'create');
    run.workspace.applyText(readFileSync(join(EXAMPLES, 'audit/access.yaml'), 'utf8'));
    const pod = await run.steadyPod('create');
    const asAlice = (change: object) =>
      run.workspace.kubectl(
        '--as=alice@example.com',
        'patch',
        'configmap',
        'flags',
        '--patch',
        JSON.stringify({ data: change }),
      );
    const goodMs = Date.now();
    asAlice({ BATCH_SIZE: '64' });
    const { version: good } = await pod.outcome('committed', goodMs);
    const badMs = Date.now();
    asAlice({ BATCH_SIZE: '128' });
    const { version: bad } = await pod.outcome('rejected', badMs);
    const token = 'a-token-that-no-log-may-have';
    run.workspace.kubectl('create', 'secret', 'generic', 'api', `--from-literal=token=${token}`);

    const auditLog = join(node?.dir ?? '', 'log/audit.log');
    const log = join(temporaryDirectory(t), 'lastgood.log');
    writeFileSync(log, run.workspace.kubectl('logs', pod.name, '-c', 'lastgood'));
    const script = join(EXAMPLES, 'audit/correlate.mjs');
    const args = [script, run.workspace.name, 'flags,model,limits,features', auditLog, log];
    const lines = String(execFileSync(process.execPath, args)).trim().split('\n');
    const { metadata } = await run.workspace.api.get<Manifest>(
      `/api/v1/namespaces/${run.workspace.name}/configmaps/flags`,
    );
    const [goodLine = '', badLine = ''] = lines.slice(-2);
    assert.match(
      goodLine,
      new RegExp(`alice@example\\.com  patch flags .*  version ${good}  committed 20`),
    );
    assert.match(
      badLine,
      new RegExp(`resourceVersion ${metadata.resourceVersion}  version ${bad}  rejected 20`),
    );
    const audited = readFileSync(auditLog, 'utf8');
    assert.match(audited, /"resource":"secrets","namespace":"create-[^}]*"name":"api"/);
    assert.ok(!audited.includes(token));
    run.report(`audit: ${lines.length} changes with their versions`);
  });
});

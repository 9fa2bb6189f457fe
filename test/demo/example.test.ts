/** The example app by itself, and that its files fit together. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { loadAll, load as loadYaml } from 'js-yaml';
import { load as loadSettings } from '../../sidecar/src/settings/load.ts';
import { type Health, type Prediction, TEXT } from './app.ts';
import { Child } from './child.ts';
import { ask } from './http.ts';
import { APP, EXAMPLE, exampleFile } from './pod.ts';

const VERSION = `sha256:${'ab'.repeat(32)}`;
const CONFIG = exampleFile('config.yaml');

/** The app on a plain directory; `reload` gives it an edited `config.yaml` and lastgood's event. */
async function startApp(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'lastgood-example-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'config.yaml'), CONFIG);
  const app = new Child('the app', [
    APP,
    '--config-dir',
    dir,
    '--host',
    '127.0.0.1',
    '--port',
    '0',
  ]);
  t.after(() => app.killNow());
  const port = await app.find('its port', (line) => /on port (\d+)$/.exec(line)?.[1]);
  const url = `http://127.0.0.1:${port}`;
  const reload = (...changes: readonly (readonly [string, string])[]) => {
    const text = changes.reduce((config, [from, to]) => config.replace(from, to), CONFIG);
    writeFileSync(join(dir, 'config.yaml'), text);
    return ask<{ reason?: string }>(`${url}/admin/reload`, { event: 'reload', version: VERSION });
  };
  return { app, url, reload };
}

describe('the example app', () => {
  test('swaps its model and names the version of the event', async (t) => {
    const { url, reload } = await startApp(t);
    const before = await ask<Prediction>(`${url}/predict`, { text: TEXT });
    assert.deepEqual([before.body.label, before.body.config.version], ['positive', null]);
    const five = ['num_labels: 3', 'num_labels: 5'] as const;
    const { status } = await reload(five, ['sentiment-v7', 'sentiment-v8']);
    const { body } = await ask<Prediction>(`${url}/predict`, { text: TEXT });
    assert.deepEqual([status, body.label, body.config.version], [200, 'very positive', VERSION]);
  });

  test('refuses what it cannot load, says why, and keeps its model', async (t) => {
    const { url, reload } = await startApp(t);
    const refusals: readonly (readonly [string, string, RegExp])[] = [
      ['num_labels: 3', 'num_labels: 5', /v7 has 3 labels, num_labels says 5$/],
      ['sentiment-v7', 'sentiment-v9', /^checkpoint review-sentiment-v9 does not exist$/],
      ['device: cpu', 'device: cuda', /^device cuda is not available on this node/],
      ['precision: fp32', 'precision: fp16', /^precision fp16 cannot be computed on device cpu$/],
      ['model:', 'model', /config\.yaml/],
    ];
    for (const [from, to, reason] of refusals) {
      const { status, body } = await reload([from, to]);
      assert.equal(status, 422);
      assert.match(body.reason ?? '', reason);
      assert.doesNotMatch(body.reason ?? '', /\n/);
    }
    const health = await ask<Health>(`${url}/health`);
    assert.deepEqual(health, { status: 200, body: { status: 'ok', config: { version: null } } });
  });

  test('checks the checkpoint of a copy, and keeps its model', async (t) => {
    const { url } = await startApp(t);
    const dir = mkdtempSync(join(tmpdir(), 'lastgood-copy-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const dryRun = (text: string) => {
      writeFileSync(join(dir, 'config.yaml'), text);
      return ask<{ reason?: string }>(`${url}/admin/validate`, { event: 'prepare', dir });
    };
    assert.equal((await dryRun(CONFIG)).status, 200);
    const { status, body } = await dryRun(CONFIG.replace('num_labels: 3', 'num_labels: 5'));
    assert.deepEqual(
      [status, body.reason],
      [422, 'checkpoint review-sentiment-v7 has 3 labels, num_labels says 5'],
    );
    const { body: answer } = await ask<Prediction>(`${url}/predict`, { text: TEXT });
    assert.equal(answer.label, 'positive');
  });

  test('says 400 to what is no event, 404 elsewhere', async (t) => {
    const { url } = await startApp(t);
    assert.equal((await ask(`${url}/admin/reload`, { version: 1 })).status, 400);
    assert.equal((await ask(`${url}/admin/validate`, { version: VERSION })).status, 400);
    assert.equal((await ask(`${url}/predict`, [])).status, 400);
    assert.equal((await ask(`${url}/admin/reload`)).status, 404);
  });

  test('ends at SIGTERM with 0, whatever connection is open', async (t) => {
    const { app, url } = await startApp(t);
    const agent = new http.Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    await new Promise((resolve) => http.get(`${url}/health`, { agent }, resolve));
    app.signal('SIGTERM');
    await app.ended();
    assert.equal(app.exitCode, 0);
  });

  test('does not start on half a configuration, nor on wrong flags', async () => {
    const bare = new Child('the app', [APP, '--config-dir', '/nowhere']);
    const wrong = new Child('the app', [APP, '--port', '70000']);
    const help = new Child('the app', [APP, '--help']);
    await Promise.all([bare.ended(), wrong.ended(), help.ended()]);
    assert.deepEqual([bare.exitCode, wrong.exitCode, help.exitCode], [1, 2, 0]);
    assert.match(bare.since(0).join(), /cannot start: ENOENT/);
  });
});

interface Container {
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

describe('the files of the example', () => {
  const [configMap, pod] = loadAll(exampleFile('pod.yaml')) as [
    { readonly data: Readonly<Record<string, string>> },
    { readonly spec: { readonly initContainers: Container[]; readonly containers: Container[] } },
  ];

  test('pod.yaml has the same config.yaml as the file next to it', () => {
    assert.deepEqual(configMap.data, { 'config.yaml': CONFIG });
  });

  test('lastgood.yaml is valid, and its paths are where pod.yaml mounts them', async () => {
    const loaded = await loadSettings(join(EXAMPLE, 'lastgood.yaml'));
    assert.ok(loaded.ok, JSON.stringify(loaded));
    const [bundle] = loaded.settings.bundles;
    const mounts = [...pod.spec.initContainers, ...pod.spec.containers].map(({ volumeMounts }) =>
      Object.fromEntries(volumeMounts.map(({ name, mountPath }) => [name, mountPath])),
    );
    const [sidecar, app] = mounts;
    assert.equal(sidecar?.source, bundle?.volumes[0]?.path);
    assert.equal(sidecar?.live, bundle?.publish);
    assert.equal(sidecar?.state, loaded.settings.stateDir);
    assert.equal(app?.live, bundle?.mountedAt);
  });

  test('kustomization.yaml makes the ConfigMap that pod.yaml mounts', () => {
    const { configMapGenerator } = loadYaml(exampleFile('kustomization.yaml')) as {
      readonly configMapGenerator: readonly { readonly files: readonly string[] }[];
    };
    const files = configMapGenerator.flatMap((each) => each.files);
    assert.deepEqual(files, ['lastgood.yaml', 'model.schema.json']);
    for (const name of files) assert.notEqual(exampleFile(name), '');
  });
});

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { PROOF_WITHIN } from '../deadline.ts';
import type { Pod } from '../pipeline/pod.ts';
import { Scene } from '../programs/reload/scene.ts';
import { fakeEnvoy } from './fakes/envoy.ts';
import { fakeFluentBit } from './fakes/fluent-bit.ts';
import { fakeRay } from './fakes/ray-serve.ts';
import { fakeTfServing } from './fakes/tf-serving.ts';
import { fakeTorchserve } from './fakes/torchserve.ts';
import { fakeTriton } from './fakes/triton.ts';
import { fakeVllm } from './fakes/vllm.ts';

/** Programs that cannot be installed here, as fakes that follow their published API. */

/** The proof comes soon, or not at all. */
const QUICK = { within: PROOF_WITHIN, hold: '200ms' };

/** A program that knows its directory before the sidecar starts, and a preset that knows the program. */
async function sceneWith<Fake>(
  context: TestContext,
  fakeIn: (live: string) => Promise<Fake>,
  presetOf: (fake: Fake, pod: Pod) => Record<string, unknown>,
): Promise<{ scene: Scene; fake: Fake }> {
  const scene = await Scene.create(context, () => 'generic');
  const { pod } = scene;
  const fake = await fakeIn(pod.live);
  pod.bundle.preset = { ...QUICK, ...presetOf(fake, pod) };
  await pod.configured();
  return { scene, fake };
}

describe('presets', { concurrency: 4 }, () => {
  const triton = (text: string) => ({ 'classifier/config.pbtxt': `${text}\n` });

  test('triton (a fake): a model is reloaded, a broken one is refused, and the old one stays', async (context) => {
    const { scene, fake } = await sceneWith(
      context,
      (live) => fakeTriton(context, live),
      ({ url }) => ({ name: 'triton', model: 'classifier', url }),
    );
    const one = triton('name: "classifier"');
    const two = triton('name: "classifier"\nmax_batch_size: 8');
    await scene.begin(one);
    await fake.load();
    await scene.committed();
    await scene.change(two, 'committed');
    assert.deepEqual(fake.told, ['POST /v2/repository/models/classifier/load {}']);
    assert.equal(fake.loaded, two['classifier/config.pbtxt']);
    await scene.change(triton('name: "clasifier"'), 'rolled-back');
    assert.equal(fake.loaded, two['classifier/config.pbtxt']);
    assert.equal(fake.told.length, 3, 'refused once, and notified of the rollback');
  });

  test('torchserve (a fake): the workers restart, and again on the old files', async (context) => {
    const { scene, fake } = await sceneWith(
      context,
      (live) => fakeTorchserve(context, live),
      ({ url }) => ({ name: 'torchserve', model: 'classifier', workers: 2, url }),
    );
    const filesOf = (device: string, more = 1) => ({
      'handler.json': JSON.stringify({ device, more }),
    });
    await scene.begin(filesOf('cpu'));
    await fake.scale(2);
    await scene.committed();
    await scene.change(filesOf('cpu', 2), 'committed');
    assert.deepEqual(fake.told, [
      'PUT /models/classifier?min_worker=0&max_worker=0&synchronous=true',
      'PUT /models/classifier?min_worker=2&max_worker=2&synchronous=true',
    ]);
    const text = filesOf('cpu', 2)['handler.json'];
    assert.deepEqual(fake.workers, [text, text]);
  });

  test('tf-serving (a fake): no target is notified, and a version that is not served after the next poll is rolled back', async (context) => {
    const { scene, fake } = await sceneWith(
      context,
      (live) => fakeTfServing(context, live),
      ({ url }) => ({ name: 'tf-serving', model: 'resnet', url, hold: '500ms' }),
    );
    const filesOf = (...names: string[]) => ({
      'models.config': `model_config_list {\n${names.map((name) => `config { name: '${name}' }\n`).join('')}}\n`,
    });
    await scene.begin(filesOf('resnet'));
    fake.start(100);
    await scene.committed();
    await scene.change(filesOf('resnet', 'bert'), 'committed');
    assert.deepEqual(fake.models, ['resnet', 'bert']);
    await scene.change(filesOf('bert'), 'rolled-back');
    assert.deepEqual(fake.models, ['resnet', 'bert']);
    assert.deepEqual(fake.told, []);
  });

  test('vllm (a fake): an adapter is reloaded, and the old one again after a refusal', async (context) => {
    const { scene, fake } = await sceneWith(
      context,
      () => fakeVllm(context),
      ({ url }, { live }) => ({ name: 'vllm', adapter: 'sql-lora', path: live, url }),
    );
    const { live } = scene.pod;
    const filesOf = (r: number) => ({ 'adapter_config.json': JSON.stringify({ r }) });
    scene.pod.bundle.tellAtStart = true;
    await scene.pod.configured();
    await scene.begin(filesOf(8));
    await scene.committed();
    assert.equal(fake.adapters.get('sql-lora'), filesOf(8)['adapter_config.json']);
    await scene.change(filesOf(16), 'committed');
    assert.deepEqual(fake.told.slice(-2), [
      'POST /v1/unload_lora_adapter {"lora_name":"sql-lora"}',
      `POST /v1/load_lora_adapter {"lora_name":"sql-lora","lora_path":"${live}"}`,
    ]);
    await scene.change(filesOf(64), 'rolled-back');
    assert.equal(fake.adapters.get('sql-lora'), filesOf(16)['adapter_config.json']);
  });

  test('ray-serve (a fake): the file is deployed, and the old one again when its application fails', async (context) => {
    const cli = join(import.meta.dirname, 'fakes/serve-cli.ts');
    const { scene, fake } = await sceneWith(
      context,
      () => fakeRay(context),
      ({ url }) => ({
        name: 'ray-serve',
        file: 'serve.json',
        serve: [process.execPath, cli],
        url,
        hold: '500ms',
      }),
    );
    const filesOf = (module: string) => ({
      'serve.json': JSON.stringify({ applications: [{ name: 'default', import_path: module }] }),
    });
    await scene.begin(filesOf('app:one'));
    fake.deploy(filesOf('app:one')['serve.json']);
    await scene.committed();
    await scene.change(filesOf('app:two'), 'committed');
    assert.equal(fake.deployed.at(-1), filesOf('app:two')['serve.json']);
    await scene.change(filesOf('no_such_module:app'), 'rolled-back');
    assert.equal(fake.deployed.at(-1), filesOf('app:two')['serve.json']);
  });

  test('fluent-bit (a fake): a reload that is not counted is rolled back', async (context) => {
    const { scene, fake } = await sceneWith(
      context,
      (live) => fakeFluentBit(context, live),
      ({ url }) => ({ name: 'fluent-bit', url }),
    );
    const filesOf = (text: string) => ({ 'fluent-bit.conf': `${text}\n    Flush 1\n` });
    await scene.begin(filesOf('[SERVICE]'));
    await fake.start();
    await scene.committed();
    await scene.change(filesOf('[SERVICE]\n    Daemon Off'), 'committed');
    assert.deepEqual(fake.told, ['POST /api/v2/reload {}']);
    assert.match(fake.running, /Daemon/);
    await scene.change(filesOf('[SERVCE]'), 'rolled-back');
    assert.match(fake.running, /Daemon/);
  });

  test('envoy (a fake): it takes an update by itself, and one that it rejects is rolled back', async (context) => {
    const { scene, fake } = await sceneWith(
      context,
      (live) => fakeEnvoy(context, live),
      ({ url }) => ({ name: 'envoy', url }),
    );
    const filesOf = (text: string) => ({ 'lds.yaml': `${text}: []\n` });
    await scene.begin(filesOf('resources'));
    await fake.start();
    await scene.committed();
    await scene.change({ 'lds.yaml': 'resources: [{ name: two }]\n' }, 'committed');
    assert.match(fake.running, /two/);
    await scene.change(filesOf('resource'), 'rolled-back');
    assert.match(fake.running, /two/);
    await scene.change({ 'lds.yaml': 'resources: [{ name: three }]\n' }, 'committed');
    assert.match(fake.running, /three/);
  });

  test('generic: your own app is notified by a URL, and echoes its version', async (context) => {
    const scene = await Scene.create(context, ({ app: { url } }) => ({
      ...QUICK,
      name: 'generic',
      reload: `${url}/admin/reload`,
      health: `${url}/health`,
      version: 'config.version',
    }));
    const { app } = scene.pod;
    scene.pod.bundle.tellAtStart = true;
    await scene.pod.configured();
    await scene.begin({ 'config.json': '{"a":1}' });
    await scene.committed();
    await scene.change({ 'config.json': '{"a":2}' }, 'committed');
    app.onReload = ({ reason }) => ({ status: reason === 'rollback' ? 200 : 422 });
    await scene.change({ 'config.json': '{"a":3}' }, 'rolled-back');
    assert.equal((await scene.pod.status()).active, app.version);
  });
});

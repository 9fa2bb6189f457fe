import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createKubelet, formatReport, type VolumeReport } from './kubelet.ts';
import { parseManifest } from './manifest.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A manifest of the pod `web` with these volumes, and some objects; flow YAML. */
const manifestOf = (volumes: string, objects: readonly string[] = [], spec = '') =>
  parseManifest(
    [`{kind: Pod, metadata: {name: web}, spec: {volumes: [${volumes}]${spec}}}`, ...objects].join(
      '\n---\n',
    ),
  );
const configMap = (data: string, more = '') =>
  `{kind: ConfigMap, metadata: {name: c}, data: {${data}}${more}}`;
const outcomesOf = (reports: readonly VolumeReport[]) => reports.map(({ outcome }) => outcome);

const MODEL = '{name: model, configMap: {name: c}}';
const TOKEN =
  '{name: token, projected: {sources: [{serviceAccountToken: {path: token}}, {configMap: {name: c}}]}}';

describe('a kubelet', () => {
  test('projects the volumes of every pod under its name', async (t) => {
    const root = temporaryDirectory(t);
    const other =
      '{kind: Deployment, metadata: {name: api}, spec: {template: {spec: {volumes: [' +
      `${MODEL}]}}}}`;
    const kubelet = createKubelet({ root, now: () => new Date(0), random: () => 0 });
    const reports = await kubelet.apply(manifestOf(MODEL, [other, configMap('a: 1x, b: 2x')]));
    assert.deepEqual(reports.map(formatReport), [
      'web/model: swapped to ..1970_01_01_00_00_00.0 (2 files)',
      'api/model: swapped to ..1970_01_01_00_00_00.0 (2 files)',
    ]);
    assert.equal(kubelet.dirOf({ pod: 'api', volume: 'model' }), join(root, 'api/model'));
    assert.equal(readFileSync(join(root, 'api/model/b'), 'utf8'), '2x');
  });

  test('changes only the volumes whose content changed', async (t) => {
    const root = temporaryDirectory(t);
    const kubelet = createKubelet({ root });
    const volumes = `${MODEL}, {name: one, configMap: {name: c, items: [{key: a, path: a}]}}`;
    await kubelet.apply(manifestOf(volumes, [configMap('a: x, b: x')]));
    const reports = await kubelet.apply(manifestOf(volumes, [configMap('a: x, b: w')]));
    assert.deepEqual(outcomesOf(reports), ['swapped', 'unchanged']);
    const gone = await kubelet.apply(manifestOf(volumes, [configMap('a: x')]));
    assert.deepEqual(outcomesOf(gone), ['swapped', 'unchanged']);
    assert.equal(existsSync(join(root, 'web/model/b')), false);
  });

  test('leaves a refused volume as it is and goes on with the others', async (t) => {
    const root = temporaryDirectory(t);
    const kubelet = createKubelet({ root });
    const both = `${MODEL}, {name: db, secret: {secretName: s}}`;
    const secret = '{kind: Secret, metadata: {name: s}, stringData: {p: x}}';
    await kubelet.apply(manifestOf(both, [configMap('a: x'), secret]));
    const reports = await kubelet.apply(manifestOf(both, [secret.replace('p: x', 'p: w')]));
    assert.deepEqual(outcomesOf(reports), ['refused', 'swapped']);
    assert.equal(reports.map(formatReport)[0], 'web/model: refused: configmap "c" not found');
    assert.equal(readFileSync(join(root, 'web/model/a'), 'utf8'), 'x');
  });

  test('refuses a path that leaves the volume', async (t) => {
    const kubelet = createKubelet({ root: temporaryDirectory(t) });
    const volume = '{name: v, configMap: {name: c, items: [{key: a, path: ../../up}]}}';
    const [report] = await kubelet.apply(manifestOf(volume, [configMap('a: x')]));
    assert.equal(report?.detail, ": invalid path: must not contain '..': ../../up");
  });

  test('gives an optional volume that is empty and fills when its ConfigMap comes', async (t) => {
    const root = temporaryDirectory(t);
    const kubelet = createKubelet({ root });
    const volume = '{name: model, configMap: {name: c, optional: true}}';
    assert.deepEqual(outcomesOf(await kubelet.apply(manifestOf(volume))), ['swapped']);
    assert.deepEqual(readdirSync(join(root, 'web/model/..data')), []);
    const filled = await kubelet.apply(manifestOf(volume, [configMap('a: x')]));
    assert.deepEqual(outcomesOf(filled), ['swapped']);
    assert.equal(readFileSync(join(root, 'web/model/a'), 'utf8'), 'x');
  });

  test('never changes what comes from an immutable ConfigMap', async (t) => {
    const root = temporaryDirectory(t);
    const kubelet = createKubelet({ root });
    await kubelet.apply(manifestOf(MODEL, [configMap('a: x', ', immutable: true')]));
    for (const edited of [[configMap('a: w', ', immutable: true')], [configMap('a: z')], []]) {
      assert.deepEqual(outcomesOf(await kubelet.apply(manifestOf(MODEL, edited))), ['unchanged']);
    }
    assert.equal(readFileSync(join(root, 'web/model/a'), 'utf8'), 'x');
  });

  test('makes an emptyDir and keeps what is in it, and skips other kinds', async (t) => {
    const root = temporaryDirectory(t);
    const kubelet = createKubelet({ root });
    const volumes =
      '{name: scratch, emptyDir: {}}, {name: bare}, {name: host, hostPath: {path: /}}';
    const reports = await kubelet.apply(manifestOf(volumes));
    assert.deepEqual(reports.map(formatReport), [
      'web/scratch: made (emptyDir)',
      'web/bare: made (emptyDir)',
      'web/host: skipped (hostPath)',
    ]);
    assert.deepEqual(readdirSync(join(root, 'web')), ['bare', 'scratch']);
  });

  test("gives every volume to the pod's fsGroup", async (t) => {
    const root = temporaryDirectory(t);
    const fsGroup = process.getuid?.() === 0 ? 2_345 : (process.getgid?.() ?? 0);
    const spec = `, securityContext: {fsGroup: ${fsGroup}}`;
    const volumes = `${TOKEN}, {name: scratch, emptyDir: {}}`;
    await createKubelet({ root }).apply(manifestOf(volumes, [configMap('a: x')], spec));
    const modes = ['scratch', 'token', 'token/..data', 'token/token', 'token/a'].map((path) => {
      const { gid, mode } = statSync(join(root, 'web', path));
      assert.equal(gid, fsGroup, path);
      return (mode & 0o7777).toString(8);
    });
    assert.deepEqual(modes, ['2777', '2777', '2755', '640', '644']);
  });
});

describe('a token rotation', () => {
  test('swaps the whole projected volume though nothing else in it changed', async (t) => {
    const root = temporaryDirectory(t);
    const kubelet = createKubelet({ root });
    const manifest = manifestOf(`${MODEL}, ${TOKEN}`, [configMap('a: x')]);
    await kubelet.apply(manifest);
    assert.deepEqual(outcomesOf(await kubelet.apply(manifest)), ['unchanged', 'unchanged']);
    const data = join(root, 'web/token/..data');
    const before = [readlinkSync(data), readFileSync(join(data, 'token'), 'utf8')];
    const reports = await kubelet.rotateTokens();
    assert.deepEqual(
      reports.map(({ volume, outcome }) => [volume, outcome]),
      [['token', 'swapped']],
    );
    const after = [readlinkSync(data), readFileSync(join(data, 'token'), 'utf8')];
    assert.notEqual(after[0], before[0]);
    assert.notEqual(after[1], before[1]);
    assert.equal(readFileSync(join(data, 'a'), 'utf8'), 'x');
  });
});

describe('a test', () => {
  test('can hold one volume of the kubelet; later updates wait their turn', async (t) => {
    const root = temporaryDirectory(t);
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const kubelet = createKubelet({
      root,
      onStep: async (step, { pod, volume }) => {
        if (step !== 'rename-data' || `${pod}/${volume}` !== 'web/model') return;
        reached.resolve();
        await go.promise;
      },
    });
    const first = kubelet.apply(manifestOf(MODEL, [configMap('a: x')]));
    const second = kubelet.apply(manifestOf(MODEL, [configMap('a: w')]));
    await reached.promise;
    assert.equal(existsSync(join(root, 'web/model/..data')), false);
    go.resolve();
    assert.deepEqual(outcomesOf([...(await first), ...(await second)]), ['swapped', 'swapped']);
    assert.equal(readFileSync(join(root, 'web/model/a'), 'utf8'), 'w');
  });

  test('can crash the kubelet, and apply tells', async (t) => {
    const onStep = () => {
      throw new Error('crash');
    };
    const kubelet = createKubelet({ root: temporaryDirectory(t), onStep });
    await assert.rejects(kubelet.apply(manifestOf(MODEL, [configMap('a: x')])), /crash/);
  });
});

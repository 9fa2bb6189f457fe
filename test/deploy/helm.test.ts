import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { load } from 'js-yaml';
import { ROOT } from '../docs/repository.ts';
import { renderChart, skip } from './helm.ts';
import { build, type Manifest, skip as skipKustomize } from './kustomize.ts';

/** The object of a kind, with what has no order in one order. */
function objectIn(manifests: readonly Manifest[], kind: string): Manifest {
  const object = manifests.find((each) => each?.kind === kind);
  const byName = (one: Manifest, other: Manifest) => (one.name < other.name ? -1 : 1);
  object.spec.template?.spec.volumes.sort(byName);
  return object;
}

for (const mode of ['publish', 'signal', 'sdk', 'drop-in'])
  test(`${mode}: the chart renders what the component of that name builds`, {
    skip: skip || skipKustomize,
  }, (t) => {
    const components = [mode, 'pod-monitor', 'network-policy'];
    const built = build(t, 'web.yaml', {
      components: components.map((name) => `../deploy/kustomize/${name}`),
    });
    const rendered = renderChart(t, { mode });
    for (const kind of ['Deployment', 'PodMonitor', 'NetworkPolicy']) {
      const expected = objectIn(built, kind);
      const actual = objectIn(rendered, kind);
      // The component takes the URL from the ConfigMap, and the chart from its values.
      if (mode === 'drop-in' && kind === 'Deployment') {
        const { env, ...container } = expected.spec.template.spec.initContainers[0];
        const args = ['--volume-dir=/lastgood/source/config', '--webhook-url=http://localhost/r'];
        assert.equal(env[0].name, 'WEBHOOK_URL');
        expected.spec.template.spec.initContainers[0] = { ...container, args };
        actual.spec.template.spec.initContainers[0].args[1] = args[1];
      }
      assert.deepEqual(actual, expected);
    }
  });

test('P8: the chart keeps copies of a Secret or a token in memory', { skip }, (t) => {
  const volumesOf = (source: object) => {
    const rendered = renderChart(t, { source: { configMap: null, ...source } });
    const { volumes } = objectIn(rendered, 'Deployment').spec.template.spec;
    return volumes.flatMap(({ emptyDir }: Manifest) => emptyDir ?? []);
  };
  const [onDisk, inMemory] = [{ sizeLimit: '16Mi' }, { sizeLimit: '16Mi', medium: 'Memory' }];
  const sources = (source: object) => ({ projected: { sources: [source] } });
  for (const source of [
    { secret: { secretName: 'web' } },
    sources({ secret: { name: 'web' } }),
    sources({ serviceAccountToken: { path: 'token' } }),
  ])
    assert.deepEqual(volumesOf(source), [inMemory, inMemory]);
  const plain = sources({ configMap: { name: 'secret' } });
  assert.deepEqual(volumesOf(plain), [onDisk, onDisk]);
});

test('the chart has the version of lastgood', { skip }, () => {
  const read = (path: string) => load(readFileSync(join(ROOT, path), 'utf8')) as Manifest;
  const { version } = read('sidecar/package.json');
  const chart = read('deploy/helm/lastgood/Chart.yaml');
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
});

test('a drop-in without a URL is refused', { skip }, (t) => {
  assert.throws(() => renderChart(t, { mode: 'drop-in', webhook: '' }), /drop-in needs webhook/);
});

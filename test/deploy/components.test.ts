import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { load } from '../../sidecar/src/settings/load.ts';
import { ROOT, readSection } from '../docs/repository.ts';
import { build, type Manifest, readFixture, skip } from './kustomize.ts';

const FIXTURES = ['web.yaml', 'inference.yaml'];
const VERSION = JSON.parse(readFileSync(join(ROOT, 'sidecar/package.json'), 'utf8')).version;

/** The container of every variant, without arguments and mounts. */
const SIDECAR = {
  name: 'lastgood',
  image: `lastgood:${VERSION}`,
  restartPolicy: 'Always',
  ports: [{ name: 'lastgood', containerPort: 9533, protocol: 'TCP' }],
  startupProbe: {
    exec: { command: ['lastgood-ready'] },
    initialDelaySeconds: 1,
    periodSeconds: 1,
    timeoutSeconds: 5,
    failureThreshold: 300,
  },
  livenessProbe: { httpGet: { path: '/healthz', port: 'lastgood' } },
  terminationMessagePolicy: 'FallbackToLogsOnError',
  resources: {
    requests: { cpu: '50m', memory: '32Mi' },
    limits: { cpu: '100m', memory: '64Mi' },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

const SETTINGS = { name: 'lastgood-settings', mountPath: '/etc/lastgood', readOnly: true };
const STATE = { name: 'lastgood-state', mountPath: '/lastgood/state' };
const SOURCE = '/lastgood/source/config';

const FROM_FILE = ['--config', '/etc/lastgood/lastgood.yaml'];

function buildWith(t: TestContext, fixture: string, ...components: readonly string[]) {
  const generator = { name: 'lastgood-settings', literals: ['lastgood.yaml=bundles: []'] };
  return build(t, fixture, {
    components: components.map((name) => `../deploy/kustomize/${name}`),
    configMapGenerator: [generator],
    generatorOptions: { disableNameSuffixHash: true },
  });
}

function deploymentIn(manifests: readonly Manifest[]): Manifest {
  const [deployment, ...others] = manifests.filter(({ kind }) => kind === 'Deployment');
  assert.deepEqual(others, []);
  return deployment;
}

/** The fixture with the label and the container of lastgood, before the app's own init containers. */
function withSidecar(fixture: string, sidecar: object): Manifest {
  const expected = readFixture(fixture);
  const { metadata, spec } = expected.spec.template;
  metadata.labels['lastgood.dev/sidecar'] = 'true';
  spec.initContainers = [{ ...SIDECAR, ...sidecar }, ...(spec.initContainers ?? [])];
  return expected;
}

/** With the container and volumes of published mode. */
function published(fixture: string): Manifest {
  const expected = withSidecar(fixture, {
    args: FROM_FILE,
    volumeMounts: [
      SETTINGS,
      { name: 'config-source', mountPath: SOURCE, readOnly: true },
      { name: 'config', mountPath: '/lastgood/live/config' },
      STATE,
    ],
  });
  const { spec } = expected.spec.template;
  const added = [
    { name: 'config', emptyDir: { sizeLimit: '16Mi' } },
    { name: 'lastgood-settings', configMap: { name: 'lastgood-settings' } },
    { name: 'lastgood-state', emptyDir: { sizeLimit: '16Mi' } },
  ];
  const own = spec.volumes.map((volume: Manifest) =>
    volume.name === 'config' ? { ...volume, name: 'config-source' } : volume,
  );
  spec.volumes = [...added, ...own];
  return expected;
}

for (const fixture of FIXTURES) {
  test(`publish: the app in ${fixture} mounts what lastgood publishes, and is not touched`, {
    skip,
  }, (t) => {
    const built = deploymentIn(buildWith(t, fixture, 'publish'));
    assert.deepEqual(built, published(fixture));
    const { containers } = readFixture(fixture).spec.template.spec;
    assert.deepEqual(built.spec.template.spec.containers, containers);
  });

  test(`signal: in ${fixture}, lastgood also sees the processes of the app`, { skip }, (t) => {
    const expected = published(fixture);
    expected.spec.template.spec.shareProcessNamespace = true;
    assert.deepEqual(deploymentIn(buildWith(t, fixture, 'signal')), expected);
  });

  test(`sdk: the first container of ${fixture} has the socket of lastgood`, { skip }, (t) => {
    const run = { name: 'lastgood-run', mountPath: '/lastgood/run' };
    const expected = withSidecar(fixture, {
      args: FROM_FILE,
      volumeMounts: [SETTINGS, { name: 'config', mountPath: SOURCE, readOnly: true }, run, STATE],
    });
    const { spec } = expected.spec.template;
    const [app] = spec.containers;
    app.env = [...(app.env ?? []), { name: 'LASTGOOD_SOCKET', value: '/lastgood/run/sdk.sock' }];
    app.volumeMounts.push(run);
    spec.volumes.unshift(
      { name: 'lastgood-settings', configMap: { name: 'lastgood-settings' } },
      { name: 'lastgood-run', emptyDir: { sizeLimit: '1Mi' } },
      { name: 'lastgood-state', emptyDir: { sizeLimit: '16Mi' } },
    );
    assert.deepEqual(deploymentIn(buildWith(t, fixture, 'sdk')), expected);
  });

  test(`drop-in: in ${fixture}, lastgood watches the volume of the app`, { skip }, (t) => {
    const key = { name: 'lastgood-settings', key: 'webhook-url' };
    const expected = withSidecar(fixture, {
      args: [`--volume-dir=${SOURCE}`, '--webhook-url=$(WEBHOOK_URL)'],
      env: [{ name: 'WEBHOOK_URL', valueFrom: { configMapKeyRef: key } }],
      volumeMounts: [{ name: 'config', mountPath: SOURCE, readOnly: true }],
    });
    assert.deepEqual(deploymentIn(buildWith(t, fixture, 'drop-in')), expected);
  });
}

test('the PodMonitor and the NetworkPolicy select the pods with lastgood, and its port', {
  skip,
}, (t) => {
  const manifests = buildWith(t, 'web.yaml', 'publish', 'pod-monitor', 'network-policy');
  const matchLabels = { 'lastgood.dev/sidecar': 'true' };
  const specOf = (name: string) => manifests.find(({ kind }) => kind === name).spec;
  const { selector, podMetricsEndpoints } = specOf('PodMonitor');
  const [{ relabelings: _, ...endpoint }, ...others] = podMetricsEndpoints;
  assert.deepEqual(
    [selector, endpoint, others],
    [{ matchLabels }, { port: 'lastgood', path: '/metrics' }, []],
  );
  const from = [
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
  ];
  assert.deepEqual(specOf('NetworkPolicy'), {
    podSelector: { matchLabels },
    policyTypes: ['Ingress'],
    ingress: [{ from, ports: [{ protocol: 'TCP', port: 9533 }] }],
  });
});

test('no component adds an object beyond those that it is for: no RBAC', { skip }, (t) => {
  for (const component of ['publish', 'signal', 'sdk', 'drop-in']) {
    const kinds = buildWith(t, 'web.yaml', component).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['ConfigMap', 'Deployment'], component);
  }
});

test('a Deployment without a volume `config` is refused', { skip }, (t) => {
  const kustomization = { components: ['../deploy/kustomize/publish'] };
  assert.throws(() => build(t, 'web.yaml', kustomization, 'other'), /\[name=config\]/);
});

test('the settings in the README are for the volumes of `publish`', async () => {
  const [, text = ''] = /```yaml\n(.*?)```/s.exec(readSection('deploy/README.md', '## Use')) ?? [];
  const loaded = await load('lastgood.yaml', async () => Buffer.from(text));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  const [bundle] = loaded.settings.bundles;
  const [, source, live] = published('web.yaml').spec.template.spec.initContainers[0].volumeMounts;
  assert.equal(bundle?.volumes[0]?.path, source.mountPath);
  assert.equal(bundle?.publish, live.mountPath);
});

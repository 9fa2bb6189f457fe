import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidOf } from './manifests.testing.ts';

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata: { name: model, namespace: ml }
data: { config.yaml: "", limits.json: "" }
---
apiVersion: v1
kind: Secret
metadata: { name: db }
stringData: { password: "1" }
---
`;

/** The findings for a pod with these volumes and mounts; its lines count from 1. */
function said(volumes: unknown[], mounts: unknown[] = [], namespace = 'ml'): string[] {
  const container = { name: 'a', restartPolicy: 'Always', volumeMounts: mounts };
  const spec = { initContainers: [container], containers: [], volumes };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace }, spec };
  return saidOf(`${CONFIG}${JSON.stringify(pod)}\n`).map((each) => each.replace(/\d+:\d+/, '_'));
}

const items = (...keys: string[]) => ({ items: keys.map((key) => ({ key, path: key })) });

test('items that name a key which is not there are refused, with a guess', () => {
  assert.deepEqual(
    said([
      { name: 'a', configMap: { name: 'model', ...items('config.yaml', 'confg.yaml') } },
      { name: 'b', secret: { secretName: 'db', ...items('zzz') } },
      {
        name: 'c',
        projected: {
          sources: [
            { secret: { name: 'db', ...items('pasword', 'password') } },
            { configMap: { name: 'model', ...items('limits.json', 'qqq') } },
          ],
        },
      },
    ]),
    [
      'error m.yaml:_: ConfigMap model has no key "confg.yaml", did you mean "config.yaml"? [LG_MANIFEST_KEY]',
      'error m.yaml:_: Secret db has no key "zzz" [LG_MANIFEST_KEY]',
      'error m.yaml:_: ConfigMap model has no key "qqq" [LG_MANIFEST_KEY]',
      'error m.yaml:_: Secret db has no key "pasword", did you mean "password"? [LG_MANIFEST_KEY]',
    ],
  );
});

test('an environment variable that names a key which is not there is refused', () => {
  const from = (key: string, more = {}) => ({ name: 'model', key, ...more });
  const env = [
    { name: 'A', valueFrom: { configMapKeyRef: from('limits.json') } },
    { name: 'B', valueFrom: { configMapKeyRef: from('limit.json') } },
    { name: 'C', valueFrom: { configMapKeyRef: from('gone', { optional: true }) } },
    { name: 'D', valueFrom: { secretKeyRef: { name: 'db', key: 'user' } } },
    { name: 'E', valueFrom: { secretKeyRef: { name: 'elsewhere', key: 'user' } } },
    { name: 'F', value: 'x' },
  ];
  const spec = { containers: [{ name: 'a', env }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ml' }, spec };
  assert.deepEqual(
    saidOf(`${CONFIG}${JSON.stringify(pod)}\n`).map((each) => each.replace(/\d+:\d+/, '_')),
    [
      'error m.yaml:_: ConfigMap model has no key "limit.json", did you mean "limits.json"? [LG_MANIFEST_KEY]',
      'error m.yaml:_: Secret db has no key "user" [LG_MANIFEST_KEY]',
    ],
  );
});

test('a volume that is optional, of another namespace or not in the input is not judged', () => {
  const source = { name: 'model', ...items('gone') };
  assert.equal(said([{ name: 'a', configMap: source }]).length, 1);
  assert.deepEqual(said([{ name: 'a', configMap: { ...source, optional: true } }]), []);
  assert.deepEqual(said([{ name: 'a', configMap: source }], [], 'other'), []);
  assert.deepEqual(said([{ name: 'a', configMap: { ...source, name: 'else' } }]), []);
  assert.deepEqual(said([{ name: 'a', secret: { secretName: 'model', ...items('gone') } }]), []);
});

test('a subPath mount in what runs to its end is not reported', () => {
  const mount = { name: 'config', mountPath: '/b', subPath: 'b' };
  const volumes = [{ name: 'config', configMap: { name: 'x' } }];
  const saidOfSpec = (kind: string, init: unknown[], containers: unknown[]) => {
    const template = { spec: { initContainers: init, containers, volumes } };
    const object = { apiVersion: 'v1', kind, metadata: { name: 'p' }, spec: { template } };
    return saidOf(`${CONFIG}${JSON.stringify(object)}\n`).length;
  };
  const container = { name: 'a', volumeMounts: [mount] };
  assert.equal(saidOfSpec('Deployment', [], [container]), 1);
  assert.equal(saidOfSpec('Deployment', [container], []), 0);
  assert.equal(saidOfSpec('Job', [], [container]), 0);
});

test('only a subPath mount of a ConfigMap or Secret is reported', () => {
  const volumes = [
    { name: 'config', configMap: { name: 'x' } },
    { name: 'mixed', projected: { sources: [] } },
    { name: 'scratch', emptyDir: {} },
  ];
  const mounts = [
    { name: 'config', mountPath: '/a' },
    { name: 'config', mountPath: '/b', subPath: 'b' },
    { name: 'mixed', mountPath: '/c', subPathExpr: '$(POD)' },
    { name: 'scratch', mountPath: '/d', subPath: 'd' },
  ];
  const told = 'by subPath, which never updates [LG_MANIFEST_SUB_PATH]';
  assert.deepEqual(said(volumes, mounts), [
    `warning m.yaml:_: mounts the volume "config" ${told}`,
    `warning m.yaml:_: mounts the volume "mixed" ${told}`,
  ]);
});

test('pods are found in a template, however deep, at the line of the item', () => {
  const text = `${CONFIG}apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers: [{ name: a }]
          volumes:
          - name: model
            configMap:
              name: model
              items:
              - key: gone.yaml
                path: gone.yaml
`;
  assert.deepEqual(saidOf(text), [
    'error m.yaml:25:22: ConfigMap model has no key "gone.yaml" [LG_MANIFEST_KEY]',
  ]);
});

/** The findings for a Deployment that has no key `gone`, and mounts one file of its ConfigMap. */
function saidOfDeployment({
  name = 'model',
  apiVersion = 'apps/v1',
  annotations = {},
  beside = '',
}) {
  const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name, key: 'gone' } } }];
  const volumeMounts = [{ name: 'config', mountPath: '/b', subPath: 'b' }];
  const spec = {
    containers: [{ name: 'a', env, volumeMounts }],
    volumes: [{ name: 'config', configMap: { name } }],
  };
  const template = { metadata: { annotations }, spec };
  const object = { apiVersion, kind: 'Deployment', metadata: { name: 'p' }, spec: { template } };
  const findings = saidOf(`${beside}---\n${CONFIG}${JSON.stringify(object)}\n`);
  return findings.flatMap((each) => /\[LG_MANIFEST_(\w+)\]$/.exec(each)?.[1] ?? []);
}

test('a key is missing only if nothing else may add it', () => {
  const kustomization = (generator: string) =>
    `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${generator}\n`;
  const merge = '[{ name: model, behavior: merge, envs: [model.env] }]';
  assert.deepEqual(saidOfDeployment({}), ['KEY', 'SUB_PATH']);
  const beside = kustomization(`generatorOptions: { disableNameSuffixHash: true }
configMapGenerator: ${merge}`);
  assert.deepEqual(saidOfDeployment({ beside }), ['SUB_PATH']);
  const empty = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: filled }\ndata: {}\n';
  assert.deepEqual(saidOfDeployment({ name: 'filled', beside: empty }), ['SUB_PATH']);
});

test('a subPath mount is no problem where each change makes new pods', () => {
  const of = (options: Parameters<typeof saidOfDeployment>[0]) =>
    saidOfDeployment({ name: 'else', ...options });
  assert.deepEqual(of({}), ['SUB_PATH']);
  assert.deepEqual(of({ annotations: { 'checksum/config': 'a' } }), []);
  assert.deepEqual(of({ name: 'else-2dhtk694gc' }), []);
  assert.deepEqual(of({ apiVersion: 'example.com/v1' }), []);
  const generator = 'configMapGenerator: [{ name: else, files: [b] }]';
  const beside = `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${generator}\n`;
  assert.deepEqual(of({ beside }), []);
});

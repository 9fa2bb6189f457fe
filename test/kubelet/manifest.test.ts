import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManifestError, parseManifest } from './manifest.ts';
import { positionOf } from './yaml-position.ts';

const POD = 'kind: Pod\nmetadata: { name: web }\nspec: {}\n';

/** The findings of a broken manifest, one on each line. */
function linesOf(text: string): string[] {
  try {
    parseManifest(text, 'm.yaml');
  } catch (error) {
    assert.ok(error instanceof ManifestError);
    return error.message.split('\n');
  }
  return assert.fail('the manifest was taken');
}

/** The bytes of one key of one object of a manifest, as text. */
function fileOf(text: string, object: string, key: string): string | undefined {
  return parseManifest(`${POD}---\n${text}`).objects.get(object)?.files.get(key)?.toString();
}

describe('a ConfigMap', () => {
  const text =
    'kind: ConfigMap\nmetadata: {name: c, namespace: ns}\ndata: {a: x}\nbinaryData: {b: //79}';

  test('has its data as UTF-8 and its binaryData decoded', () => {
    const object = parseManifest(`${POD}---\n${text}`).objects.get('ConfigMap/ns/c');
    assert.deepEqual(object?.files.get('a'), Buffer.from('x'));
    assert.deepEqual(object?.files.get('b'), Buffer.from([0xff, 0xfe, 0xfd]));
  });

  test('may have no data at all', () => {
    const { objects } = parseManifest(`${POD}---\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n`);
    assert.equal(objects.get('ConfigMap/default/c')?.files.size, 0);
  });
});

describe('a Secret', () => {
  test('has its data decoded, and stringData wins over data', () => {
    const text =
      'kind: Secret\nmetadata: {name: s}\ndata: {a: YQ==, b: Yg==}\nstringData: {b: new}';
    assert.equal(fileOf(text, 'Secret/default/s', 'a'), 'a');
    assert.equal(fileOf(text, 'Secret/default/s', 'b'), 'new');
  });

  test('may have base64 in several lines', () => {
    const text = 'kind: Secret\nmetadata: {name: s}\ndata:\n  a: |\n    aGVs\n    bG8=\n';
    assert.equal(fileOf(text, 'Secret/default/s', 'a'), 'hello');
  });

  test('never has a value in a finding', () => {
    const [line] = linesOf(`${POD}---\nkind: Secret\nmetadata: {name: s}\ndata: {a: hunter2!}`);
    assert.equal(line, 'm.yaml:7:11: data.a: must be base64');
  });
});

describe('pods', () => {
  const template = 'template: {metadata: {labels: {app: x}}, spec: {volumes: [{name: v}]}}';

  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job']) {
    test(`come from the template of a ${kind}, under its name`, () => {
      const text = `kind: ${kind}\nmetadata: {name: web}\nspec: {${template}}`;
      const [pod] = parseManifest(text).pods;
      assert.deepEqual([pod?.name, pod?.labels, pod?.volumes.length], ['web', { app: 'x' }, 1]);
    });
  }

  test('come from the template of a CronJob', () => {
    const spec = `jobTemplate: {spec: {${template}}}`;
    const [pod] = parseManifest(`kind: CronJob\nmetadata: {name: web}\nspec: {${spec}}`).pods;
    assert.deepEqual([pod?.name, pod?.labels], ['web', { app: 'x' }]);
  });

  test('come from a List, as kubectl prints it', () => {
    const text = 'kind: List\nitems:\n- kind: Pod\n  metadata: {name: web}\n  spec: {}\n';
    assert.equal(parseManifest(text).pods[0]?.name, 'web');
    assert.deepEqual(linesOf(text.replace('web', 'Web')), [
      'm.yaml:4:20: metadata.name: must be lower-case letters, digits, "-" and "."',
    ]);
  });

  test('have a user only when all their containers share one', () => {
    const userOf = (containers: string) =>
      parseManifest(
        `kind: Pod\nmetadata: {name: web}\nspec: {securityContext: {runAsUser: 1}, ${containers}}`,
      ).pods[0]?.user;
    assert.equal(userOf('containers: [{}, {}]'), 1);
    assert.equal(userOf('containers: [{securityContext: {runAsUser: 2}}]'), 2);
    assert.equal(
      userOf('containers: [{}], initContainers: [{securityContext: {runAsUser: 2}}]'),
      undefined,
    );
  });
});

describe('YAML is read as Kubernetes reads it:', () => {
  const modeIn = (mode: string) => {
    const volume = `{name: v, secret: {secretName: s, defaultMode: ${mode}}}`;
    const text = `kind: Pod\nmetadata: {name: web}\nspec: {volumes: [${volume}]}`;
    return parseManifest(text).pods[0]?.volumes[0]?.secret?.defaultMode;
  };

  test('0440 and 0o440 are octal, 288 is the same', () => {
    assert.deepEqual([modeIn('0440'), modeIn('0o440'), modeIn('288')], [0o440, 0o440, 0o440]);
  });

  test('yes and y are booleans, a time and a version are text', () => {
    const data = (value: string) =>
      `${POD}---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: ${value}}`;
    for (const value of ['yes', 'y']) {
      const line = 'm.yaml:7:11: data.a: expected string, received boolean';
      assert.deepEqual(linesOf(data(value)), [line]);
    }
    for (const value of ['2026-01-01', '12:30:00', '1.2.3']) parseManifest(data(value));
  });

  test('empty documents and kinds that no volume needs are passed over', () => {
    const text = `---\n---\nkind: Service\nmetadata: 3\n---\n${POD}---\n`;
    assert.equal(parseManifest(text).pods.length, 1);
  });
});

describe('a broken manifest', () => {
  test('has a finding at its YAML mistake', () => {
    assert.deepEqual(linesOf(`${POD}---\na: 1\n b: 2\n`), [
      'm.yaml:6:3: bad indentation of a mapping entry',
    ]);
  });

  test('has every finding, each with its position', () => {
    const volumes =
      'spec:\n  volumes:\n    - name: v\n      configMap:\n        nam: c\n    - secret: {}\n';
    assert.deepEqual(linesOf(`kind: Pod\nmetadata: {name: web}\n${volumes}`), [
      'm.yaml:7:9: spec.volumes.0.configMap.name: expected string, received undefined',
      'm.yaml:8:7: spec.volumes.1.name: expected string, received undefined',
      'm.yaml:8:15: spec.volumes.1.secret.secretName: expected string, received undefined',
    ]);
  });

  test('has a finding for keys that no ConfigMap can have', () => {
    const text = `${POD}---\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  ..a: x\n  a/b: x\n`;
    const rule = 'must be letters, digits, "-", "_", "." and not begin ".."';
    assert.deepEqual(linesOf(text), [
      `m.yaml:8:8: data...a: ${rule}`,
      `m.yaml:9:8: data.a/b: ${rule}`,
    ]);
  });

  test('has a finding without a pod, without a kind, and for a pod twice', () => {
    assert.deepEqual(linesOf(''), [
      'm.yaml:1:1: contains no Pod and no workload with a pod template',
    ]);
    assert.deepEqual(linesOf('a: 1'), ['m.yaml:1:1: is not a Kubernetes object: it has no kind']);
    assert.deepEqual(linesOf(`${POD}---\n${POD}`), ['m.yaml:5:1: a second pod or workload "web"']);
  });
});

describe('the position of a path', () => {
  const text = 'a: &x\n  b: ["é", {c: 1}]\n  "q r": *x\n  empty:\n';

  test('is that of its value, or of its deepest part that is there', () => {
    assert.deepEqual(positionOf(text, [0, 'a', 'b', 1, 'c']), { line: 2, column: 16 });
    assert.deepEqual(positionOf(text, [0, 'a', 'q r']), { line: 3, column: 11 });
    assert.deepEqual(positionOf(text, [0, 'a', 'b', 7]), { line: 2, column: 6 });
    assert.deepEqual(positionOf(text, [3]), { line: 1, column: 1 });
  });

  test('of an empty value is that of its key', () => {
    assert.deepEqual(positionOf(text, [0, 'a', 'empty']), { line: 4, column: 3 });
  });
});

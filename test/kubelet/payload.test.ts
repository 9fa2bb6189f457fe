import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Payload } from './atomic-writer.ts';
import { parseManifest } from './manifest.ts';
import { payloadOf } from './payload.ts';
import { VolumeRefusal } from './refusal.ts';
import { TokenIssuer } from './token-issuer.ts';

const OBJECTS = `
---
{kind: ConfigMap, metadata: {name: c}, data: {a: A, .b: B}, binaryData: {bin: AAE=}}
---
{kind: ConfigMap, metadata: {name: c, namespace: other}, data: {a: elsewhere}}
---
{kind: Secret, metadata: {name: s}, data: {password: cHc=}}
`;

interface Given {
  readonly metadata?: string;
  readonly spec?: string;
  readonly tokens?: TokenIssuer;
}

/** The payload of one volume of a pod; flow YAML throughout. */
function project(volume: string, { metadata = '', spec = '', tokens }: Given = {}): Payload {
  const pod = `{kind: Pod, metadata: {name: web${metadata}}, spec: {volumes: [{name: v, ${volume}}]${spec}}}`;
  const manifest = parseManifest(`${pod}${OBJECTS}`);
  const [only] = manifest.pods;
  assert.ok(only?.volumes[0]);
  const cluster = { pod: only, objects: manifest.objects, tokens: tokens ?? new TokenIssuer() };
  return payloadOf(only.volumes[0], cluster);
}

/** A payload as `path: [text, mode]`. */
function shown(payload: Payload): Record<string, [string, string | undefined]> {
  return Object.fromEntries(
    Object.entries(payload).map(([path, { bytes, mode }]) => [
      path,
      [`${bytes}`, mode?.toString(8)],
    ]),
  );
}

function reasonsOf(volume: string): readonly string[] {
  try {
    project(volume);
  } catch (error) {
    assert.ok(error instanceof VolumeRefusal);
    return error.reasons;
  }
  return assert.fail('the volume was projected');
}

describe('a configMap volume', () => {
  test('holds every key of data and binaryData, 0644 by default', () => {
    assert.deepEqual(shown(project('configMap: {name: c}')), {
      a: ['A', '644'],
      '.b': ['B', '644'],
      bin: ['\u0000\u0001', '644'],
    });
  });

  test('with items holds only these, at their paths, with their modes', () => {
    const items = '[{key: a, path: model/a.yaml, mode: 0400}, {key: bin, path: bin}]';
    assert.deepEqual(shown(project(`configMap: {name: c, defaultMode: 0600, items: ${items}}`)), {
      'model/a.yaml': ['A', '400'],
      bin: ['\u0000\u0001', '600'],
    });
  });

  test("reads the ConfigMap of the pod's namespace", () => {
    const payload = project('configMap: {name: c}', { metadata: ', namespace: other' });
    assert.deepEqual(shown(payload), { a: ['elsewhere', '644'] });
  });

  test('is refused when the ConfigMap or a key is missing', () => {
    assert.deepEqual(reasonsOf('configMap: {name: none}'), ['configmap "none" not found']);
    assert.deepEqual(reasonsOf('configMap: {name: c, items: [{key: none, path: x}]}'), [
      'configmap references non-existent config key: none',
    ]);
  });

  test('that is optional is empty, or lacks the missing keys', () => {
    assert.deepEqual(project('configMap: {name: none, optional: true}'), {});
    const items = '[{key: none, path: x}, {key: a, path: z}]';
    const payload = project(`configMap: {name: c, optional: true, items: ${items}}`);
    assert.deepEqual(shown(payload), { z: ['A', '644'] });
  });
});

describe('a secret volume', () => {
  test('holds the decoded values with its defaultMode', () => {
    const payload = project('secret: {secretName: s, defaultMode: 0440}');
    assert.deepEqual(shown(payload), { password: ['pw', '440'] });
  });

  test('is refused when the Secret or a key is missing', () => {
    assert.deepEqual(reasonsOf('secret: {secretName: none}'), ['secret "none" not found']);
    assert.deepEqual(reasonsOf('secret: {secretName: s, items: [{key: none, path: x}]}'), [
      'references non-existent secret key: none',
    ]);
  });
});

describe('a downwardAPI volume', () => {
  const fieldOf = (fieldPath: string, metadata: string) => {
    const items = `[{path: f, fieldRef: {fieldPath: "${fieldPath}"}}]`;
    return String(project(`downwardAPI: {items: ${items}}`, { metadata }).f?.bytes);
  };

  test('holds labels and annotations as sorted key="value" lines', () => {
    assert.equal(fieldOf('metadata.labels', ', labels: {b: two, a: one}'), 'a="one"\nb="two"');
    assert.equal(fieldOf('metadata.annotations', ''), '');
  });

  test('quotes values as Go does', () => {
    const value = String.raw`"q\" b\\ n\n t\t é \a \u00a0 \u007f \0 \U0001F600"`;
    assert.equal(
      fieldOf('metadata.annotations', `, annotations: {k: ${value}}`),
      String.raw`k="q\" b\\ n\n t\t é \a \u00a0 \x7f \x00 😀"`,
    );
  });

  test('holds the name, the namespace and one label or annotation', () => {
    assert.equal(fieldOf('metadata.name', ''), 'web');
    assert.equal(fieldOf('metadata.namespace', ''), 'default');
    assert.equal(fieldOf("metadata.labels['a/b']", ', labels: {a/b: one}'), 'one');
    assert.equal(fieldOf("metadata.annotations['no']", ''), '');
  });

  test('is refused for a field that it cannot show', () => {
    const volume = (item: string) => `downwardAPI: {items: [{path: f, ${item}}]}`;
    assert.deepEqual(reasonsOf(volume('fieldRef: {fieldPath: status.podIP}')), [
      'unsupported fieldPath: status.podIP',
    ]);
    assert.deepEqual(reasonsOf(volume('resourceFieldRef: {resource: limits.cpu}')), [
      'f: only fieldRef is supported',
    ]);
  });
});

describe('a projected volume', () => {
  test('joins its sources; the last one of a path wins', () => {
    const sources = [
      '{configMap: {name: c, items: [{key: a, path: x}]}}',
      '{secret: {name: s, items: [{key: password, path: db/password, mode: 0400}]}}',
      '{downwardAPI: {items: [{path: x, fieldRef: {fieldPath: metadata.name}}]}}',
    ];
    assert.deepEqual(shown(project(`projected: {defaultMode: 0600, sources: [${sources}]}`)), {
      x: ['web', '600'],
      'db/password': ['pw', '400'],
    });
  });

  test('is refused with the reasons of all its sources', () => {
    const sources =
      '[{configMap: {name: none}}, {secret: {name: none}}, {clusterTrustBundle: {path: x}}]';
    assert.deepEqual(reasonsOf(`projected: {sources: ${sources}}`), [
      'configmap "none" not found',
      'secret "none" not found',
      'projected source clusterTrustBundle is not supported',
    ]);
  });
});

describe('a service account token', () => {
  const volume = 'projected: {sources: [{serviceAccountToken: {path: token, audience: vault}}]}';

  test('is a JWT for its audience that stays the same until it is rotated', () => {
    const tokens = new TokenIssuer(() => new Date(1_000_000));
    const read = () => String(project(volume, { tokens }).token?.bytes);
    const first = read();
    assert.equal(read(), first);
    tokens.rotate();
    assert.notEqual(read(), first);
    const claims = JSON.parse(Buffer.from(first.split('.')[1] ?? '', 'base64url').toString());
    assert.deepEqual([claims.aud, claims.iat, claims.exp], [['vault'], 1_000, 4_600]);
    assert.equal(claims.sub, 'system:serviceaccount:default:default');
  });

  test('has 0600 and an owner where the pod has one user or an fsGroup', () => {
    const tokenOf = (spec: string) => project(volume, { spec }).token;
    assert.equal(tokenOf('')?.mode, 0o644);
    assert.equal(tokenOf(', securityContext: {fsGroup: 5}')?.mode, 0o600);
    const owned = tokenOf(', securityContext: {runAsUser: 7}, containers: [{}]');
    assert.deepEqual([owned?.mode, owned?.uid], [0o600, 7]);
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { saidOfManifest } from './doctor.testing.ts';

const pod = (name: string, volume: string, mountPath = '/etc/lastgood') => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  containers:
    - { name: web, image: "web:1" }
    - name: lastgood
      image: lastgood:0.1.0
      volumeMounts: [{ name: settings, mountPath: ${mountPath} }]
  volumes: [{ name: settings, ${volume} }]
---
`;
const MAP = 'configMap: { name: own }';
const SECRET = 'secret: { secretName: own }';
const WRONG = 'bundles:\n  - name: web\n    volumes: [{ path: /a }]\n    hold: hunter2\n';
const object = (kind: string, data: string) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: { name: own }\n${data}\n`;
const block = (text: string) => `|\n${text.replaceAll(/^(?=.)/gm, '    ')}`;

const said = async (manifest: string) =>
  (await saidOfManifest(manifest)).filter((each) => /LG_DOCTOR_SETTINGS/.test(each));

test('wrong settings that several pods use are reported once', async () => {
  const map = object('ConfigMap', `data:\n  lastgood.yaml: ${block(WRONG)}`);
  const found = await said(`${pod('a', MAP)}${pod('b', MAP)}${map}`);
  assert.equal(found.length, 1);
  assert.match(
    found[0] ?? '',
    /^error m\.yaml:31:9: the container "lastgood" .*unknown key "hold"/,
  );
});

test('of settings in a Secret, no content is printed', async () => {
  const secrets = [
    `stringData:\n  lastgood.yaml: ${block(WRONG)}`,
    `data:\n  lastgood.yaml: ${Buffer.from(WRONG).toString('base64')}`,
  ];
  const found = await Promise.all(
    secrets.map((each) => said(`${pod('a', SECRET)}${object('Secret', each)}`)),
  );
  const reason =
    'the container "lastgood" cannot start, since its settings are wrong: LG_SETTINGS_UNKNOWN_KEY';
  assert.deepEqual(found, [
    [`error m.yaml:20:9: ${reason} [LG_DOCTOR_SETTINGS]`],
    [`error m.yaml:16:18: ${reason} [LG_DOCTOR_SETTINGS]`],
  ]);
});

test('a schema that another volume or mount may have is not missing', async () => {
  const settings =
    'bundles: [{ name: web, volumes: [{ path: /a }], validate: [{ files: "*", schema: SCHEMA }] }]';
  const saidOf = async (schema: string, volume = MAP, more = '') => {
    const map = object(
      'ConfigMap',
      `data:\n  lastgood.yaml: '${settings.replace('SCHEMA', schema)}'`,
    );
    return said(`${pod('a', volume).replace('/etc/lastgood }', `/etc/lastgood }${more}`)}${map}`);
  };
  assert.equal((await saidOf('a.json')).length, 1);
  assert.equal((await saidOf('/etc/lastgood/a.json')).length, 1);
  const projected =
    'projected: { sources: [{ configMap: { name: own } }, { configMap: { name: other } }] }';
  const nested = ', { name: schemas, mountPath: /etc/lastgood/schemas }';
  const others = [
    await saidOf('/schemas/a.json'),
    await saidOf('a.json', projected),
    await saidOf(
      'a.json',
      'configMap: { name: own, items: [{ key: lastgood.yaml, path: lastgood.yaml }] }',
    ),
    await saidOf('schemas/a.json', MAP, nested),
  ];
  assert.deepEqual(others, [[], [], [], []]);
});

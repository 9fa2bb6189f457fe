import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '@lastgood/core/formats/json.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { fileOf } from './config-object.ts';
import { kubectlValue } from './kubectl-scalars.ts';
import {
  configIn,
  manifestsIn,
  manifestsInJson,
  placeOf,
  saidOf,
  textsOf,
} from './manifests.testing.ts';
import { manifestsInFile, readManifests } from './manifests.ts';

const head = (kind: string, name = 'x') =>
  `apiVersion: v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n`;

test('a ConfigMap is the files that a pod would see', () => {
  const config = configIn(`${head('ConfigMap')}data:\n  a: "1"\n  b:\nbinaryData:\n  c: AAE=\n`);
  assert.deepEqual(textsOf(config), { a: '1', b: '', c: '\0\x01' });
  assert.equal(config.secret, false);
});

test('a Secret is decoded, stringData wins, and all of it is secret', () => {
  const text = `${head('Secret')}data:\n  a: aHVu\n  b: |\n    aHVu\n    dGVy\nstringData:\n  a: plain\n`;
  const config = configIn(text);
  assert.deepEqual(textsOf(config), { a: 'plain', b: 'hunter' });
  assert.ok(config.files.every(({ file }) => file.secret));
});

test('the objects of documents, of a List and of JSON are all found', () => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'l' }, data: { a: '1' } };
  const list = { apiVersion: 'v1', kind: 'List', items: [object, object] };
  assert.equal(manifestsInJson(list, '\t').configs.length, 2);
  const documents = `${head('ConfigMap')}---\n${head('Service')}---\n---\n${JSON.stringify(list)}\n`;
  assert.equal(manifestsIn(documents).configs.length, 3);
});

test('a file that is nothing for a pod to read is a file like any other', () => {
  for (const text of ['a: 1\n', head('Service'), 'kind: ConfigMap\n', 'a: [\n', '- 1\n', ''])
    assert.equal(readManifests('f', text, yaml), undefined, text);
  assert.equal(readManifests('f', '{"a": 1}', json), undefined);
});

test('the template that Helm names belongs to the object below it', () => {
  const text =
    `---\n# Source: c/a.yaml\n# more\n${head('ConfigMap', 'a')}---\n${head('ConfigMap', 'b')}`.concat(
      `---\n# Source: c/b.yaml\n\n${head('ConfigMap', 'c')}`,
    );
  const { configs } = manifestsIn(text);
  assert.deepEqual(
    configs.map(({ object }) => object.template),
    ['c/a.yaml', undefined, 'c/b.yaml'],
  );
});

test('a value that is not text is rejected, and not shown', () => {
  const text = `${head('Secret')}stringData:\n  a: 1234\n  b: true\n  c: [x]\n  d: {y: z}\n`;
  assert.deepEqual(saidOf(text), [
    'error m.yaml:6:6: stringData.a must be text (is a number) [LG_MANIFEST_VALUE]',
    'error m.yaml:7:6: stringData.b must be text (is a boolean) [LG_MANIFEST_VALUE]',
    'error m.yaml:8:6: stringData.c must be text (is a list) [LG_MANIFEST_VALUE]',
    'error m.yaml:9:6: stringData.d must be text (is a mapping) [LG_MANIFEST_VALUE]',
  ]);
});

test('a value that kubectl reads as something else is not text either', () => {
  const text = `${head('ConfigMap')}data:\n  a: yes\n  b: 1_000\n  c: "on"\n  d: !!str no\n  e: 08:00\n`;
  assert.deepEqual(saidOf(text), [
    'error m.yaml:6:6: data.a must be text (is a boolean) [LG_MANIFEST_VALUE]',
    'error m.yaml:7:6: data.b must be text (is a number) [LG_MANIFEST_VALUE]',
  ]);
  assert.deepEqual(textsOf(configIn(text)), { c: 'on', d: 'no', e: '08:00' });
  const immutable = `${head('Secret')}immutable: yes\n`;
  assert.match(saidOf(immutable).join(), /^warning m\.yaml:5:12: is immutable/);
});

test('a closing bracket at the indent of its key is read as everywhere', () => {
  const list = 'x:\n  labels: [\n    a\n  ]\n';
  const text = `${head('ConfigMap')}${list}data:\n  a.yaml: |\n    x: 1\n  b: yes\n`;
  assert.deepEqual(saidOf(text), [
    'error m.yaml:12:6: data.b must be text (is a boolean) [LG_MANIFEST_VALUE]',
  ]);
  assert.equal(placeOf(configIn(text), 'a.yaml', { line: 1, column: 1 }), '11:5');
});

test('a key that kubectl reads as a boolean is another key, and a warning', () => {
  const text = `${head('ConfigMap')}data:\n  on: a\n  "off": b\n  0777: c\n`;
  assert.deepEqual(saidOf(text), [
    'warning m.yaml:6:3: kubectl reads this key as a boolean, so the object gets the key data."true" [LG_MANIFEST_KEY_BOOLEAN]',
  ]);
  assert.deepEqual(textsOf(configIn(text)), { true: 'a', off: 'b', '511': 'c' });
  // In JSON the same word is a key like any other.
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x' },
    data: { on: 'a' },
  };
  assert.deepEqual(manifestsInJson(object).configs[0]?.findings, []);
});

test('kubectl reads plain words by the rules of YAML 1.1 in Go', () => {
  const numbers = { '1_0': 10, '0o7': 7, '017': 15, '08': 8, '0b11': 3, '-0x1F': -31, '1e3': 1000 };
  const booleans = { y: true, N: false, Yes: true, NO: false, on: true, OFF: false, True: true };
  for (const [plain, value] of Object.entries({ ...numbers, ...booleans }))
    assert.equal(kubectlValue(plain), value, plain);
  for (const plain of [
    '12:30:00',
    '2001-01-01',
    'yEs',
    'tRue',
    '_1',
    '0x',
    '1e',
    '0o8',
    '-',
    '1.2.3',
  ])
    assert.equal(kubectlValue(plain), undefined, plain);
});

test('what the API server refuses is refused at its line', () => {
  const said = (kind: string, rest: string) => saidOf(`${head(kind)}${rest}`);
  assert.deepEqual(said('ConfigMap', 'data: [a]\nbinaryData: x\n'), [
    'error m.yaml:5:7: data must be a mapping of keys to values (is a list) [LG_MANIFEST_FIELD]',
    'error m.yaml:6:13: binaryData must be a mapping of keys to values (is a string) [LG_MANIFEST_FIELD]',
  ]);
  const refuses = 'the API server refuses the key';
  const characters = 'it must have only letters, digits, ".", "-" and "_"';
  const keys = `data:\n  a b: ""\n  c/d: ""\n  ..e: ""\n  ${'f'.repeat(254)}: ""\n  ok.a-b_C: ""\n`;
  assert.deepEqual(said('ConfigMap', keys), [
    `error m.yaml:6:3: ${refuses} data."a b": ${characters} [LG_MANIFEST_KEY_NAME]`,
    `error m.yaml:7:3: ${refuses} data."c/d": ${characters} [LG_MANIFEST_KEY_NAME]`,
    `error m.yaml:8:3: ${refuses} data."..e": it must not be "." or start with ".." [LG_MANIFEST_KEY_NAME]`,
    `error m.yaml:9:3: ${refuses} data."${'f'.repeat(60)}…": it must have at most 253 characters [LG_MANIFEST_KEY_NAME]`,
  ]);
  assert.deepEqual(said('ConfigMap', 'data: { a: "" }\nbinaryData: { a: "", b: "" }\n'), [
    `error m.yaml:6:15: ${refuses} binaryData."a": it is in data too [LG_MANIFEST_KEY_NAME]`,
  ]);
  assert.deepEqual(said('Secret', 'data: { a: "" }\nstringData: { a: "" }\n'), []);
});

test('a Secret has the keys that its type needs', () => {
  const said = (type: string, keys: string) =>
    saidOf(`${head('Secret')}type: ${type}\nstringData: { ${keys} }\n`);
  const needs = (type: string, keys: string) =>
    `error m.yaml:5:7: a Secret of the type ${type} needs the key ${keys} [LG_MANIFEST_SECRET_TYPE]`;
  const tls = 'kubernetes.io/tls';
  assert.deepEqual(said(tls, 'ca.crt: ""'), [needs(tls, 'tls.crt and tls.key')]);
  assert.deepEqual(said(tls, 'tls.crt: "", tls.key: ""'), []);
  const pull = 'kubernetes.io/dockerconfigjson';
  assert.deepEqual(said(pull, 'a: ""'), [needs(pull, '.dockerconfigjson')]);
  const basic = 'kubernetes.io/basic-auth';
  assert.deepEqual(said(basic, 'a: ""'), [needs(basic, 'username or password')]);
  assert.deepEqual(said(basic, 'password: ""'), []);
  assert.deepEqual(said('Opaque', 'a: ""'), []);
});

test('a Secret that sops has encrypted has nothing to check, but its keys', () => {
  const cipher = 'ENC[AES256_GCM,data:p673w==,iv:YY=,tag:UZ=,type:str]';
  const text = `${head('Secret')}stringData:\n  tls.crt: ${cipher}\n  a.json: ${cipher}\nsops:\n  version: 3.9.0\n`;
  const { files, findings, keys, encrypted } = configIn(text);
  assert.deepEqual([files, findings, keys, encrypted], [[], [], ['tls.crt', 'a.json'], true]);
});

test('base64 that the API server would refuse is refused', () => {
  const values = ['hunter2', 'aHVu==', 'aHVuZA', 'aH u', '-_-_', '"aHVu "'];
  for (const value of values)
    assert.deepEqual(
      saidOf(`${head('Secret')}data:\n  a: ${value}\n`),
      ['error m.yaml:6:6: data.a is not valid base64 [LG_MANIFEST_BASE64]'],
      value,
    );
  for (const value of ['""', 'aHVu', 'aHVudA==', '"aHVu\\ndA==\\n"'])
    assert.deepEqual(saidOf(`${head('Secret')}data:\n  a: ${value}\n`), [], value);
});

test('an object that is too large, or nearly so, is reported', () => {
  const sized = (size: number) => saidOf(`${head('ConfigMap')}data:\n  a: ${'x'.repeat(size)}\n`);
  const told = 'bytes of data, and the API server accepts at most 1048576';
  assert.deepEqual(sized(838_860), []);
  assert.deepEqual(sized(838_861), [
    `warning m.yaml:4:9: has 838861 ${told} (80 % are used) [LG_MANIFEST_SIZE]`,
  ]);
  assert.match(sized(1_048_576).join(), /^warning/);
  assert.deepEqual(sized(1_048_577), [
    `error m.yaml:4:9: has 1048577 ${told} (100 % are used) [LG_MANIFEST_SIZE]`,
  ]);
});

test('an immutable object is reported', () => {
  assert.deepEqual(saidOf(`${head('ConfigMap')}immutable: true\n`), [
    'warning m.yaml:5:12: is immutable, so pods never see a change [LG_MANIFEST_IMMUTABLE]',
  ]);
  assert.deepEqual(saidOf(`${head('ConfigMap')}immutable: false\n`), []);
});

test('an immutable object is not reported where a running pod would not see a change anyway', () => {
  const immutable = (name: string) => `${head('ConfigMap', name)}immutable: true\n`;
  const pod = (kind: string, spec: string) =>
    `---\napiVersion: ${kind === 'Job' ? 'batch' : 'apps'}/v1\nkind: ${kind}\nmetadata: {name: p}\nspec: {template: {spec: ${spec}}}\n`;
  const volume = (name: string) =>
    `{volumes: [{name: v, configMap: {name: ${name}}}], containers: []}`;
  const env = '{containers: [{name: a, envFrom: [{configMapRef: {name: x}}]}]}';
  for (const quiet of [
    immutable('x') + pod('Deployment', env),
    immutable('x') + pod('Job', volume('x')),
    immutable('x-2dhtk694gc') + pod('Deployment', volume('x-2dhtk694gc')),
  ])
    assert.doesNotMatch(saidOf(quiet).join(), /IMMUTABLE/, quiet);
  for (const found of [
    immutable('x') + pod('Deployment', volume('x')),
    immutable('x') + pod('Deployment', env) + pod('DaemonSet', volume('x')),
    immutable('x') + pod('Deployment', volume('y')),
  ])
    assert.match(saidOf(found).join(), /IMMUTABLE/, found);
});

test('P8: the lines of a Secret are sealed, and those of other objects are not', () => {
  const text = `${head('ConfigMap')}---\n# before\n${head('Secret')}data: {}\n# after\n---\n${head('ConfigMap')}`;
  const { isSealed } = manifestsIn(text).source;
  const sealed = text.split('\n').flatMap((_, index) => (isSealed(index + 1) ? index + 1 : []));
  // Line 14 is the first one of the next object: what stands before it may belong to the Secret.
  assert.deepEqual(sealed, [7, 8, 9, 10, 11, 12, 13, 14]);
});

test('P8: in JSON on one line, all is sealed when one object is a Secret', () => {
  const object = (kind: string) => ({ apiVersion: 'v1', kind, metadata: { name: 'a' } });
  const list = { apiVersion: 'v1', kind: 'List', items: [object('ConfigMap'), object('Secret')] };
  assert.equal(manifestsInJson(list).source.isSealed(1), true);
});

/** What a file of YAML is taken for. */
function kindOfFile(text: string, path = 'a.yaml') {
  const found = manifestsInFile(fileOf(path, Buffer.from(text), false), path);
  return 'configs' in found ? 'manifests' : found.file.secret ? 'secret' : 'open';
}

const DATA = 'stringData: { password: hunter2 }\n';

test('P8: a Secret is one however its kind is written, and without the rest of an object', () => {
  for (const kind of [
    'kind: Secret',
    'kind: "Secret"',
    'kind: !!str Secret',
    'kind: &kind Secret',
    'kind: >-\n  Secret',
    '"k\\u0069nd": "S\\x65cret"',
    'name: &s Secret\nkind: *s',
    '? kind\n: Secret',
  ]) {
    assert.equal(kindOfFile(`${kind}\n${DATA}`), 'secret', kind);
    assert.equal(kindOfFile(`${kind}\n${DATA}broken: [\n`), 'secret', kind);
    assert.equal(kindOfFile(`apiVersion: v1\n${kind}\n${DATA}`), 'manifests', kind);
  }
  assert.equal(kindOfFile(`{ kind: Secret, ${DATA.trim()} }\n`), 'secret');
  assert.equal(kindOfFile(`kind: !x Secret\n${DATA}`), 'secret');
  assert.equal(kindOfFile(`a: !x\n  - !y { kind: Secret, ${DATA.trim()} }\n`), 'secret');
  assert.equal(kindOfFile('{"kind":"Secret","data":{"a":"aHVu"}}', 'a.json'), 'secret');
  assert.equal(kindOfFile('{"kind":"Secret","data":{"a":"aHVu"', 'a.json'), 'secret');
});

test('P8: a Secret inside of another document counts, and so does one in another encoding', () => {
  const inner = `- kind: Secret\n  ${DATA}`;
  assert.equal(kindOfFile(`objects:\n${inner}`), 'secret');
  assert.equal(kindOfFile(`kind: List\nitems:\n${inner}`), 'secret');
  assert.equal(kindOfFile(`a: 1\n---\nkind: Secret\n${DATA}`), 'secret');
  // A flag may say that it is YAML.
  assert.equal(kindOfFile(`kind: Secret\n${DATA}`, 'a.txt'), 'secret');
  const latin1 = Buffer.from(`kind: Secret\n# \u00fc\n${DATA}`, 'latin1');
  const found = manifestsInFile(fileOf('a.yaml', latin1, false), 'a.yaml');
  assert.ok('file' in found && found.file.secret);
});

test('what only names or refers to a Secret is not one', () => {
  for (const text of [
    'kind: ExternalSecret\nspec: { target: { name: Secret } }\n',
    'kind: SecretStore\nspec: {}\n',
    'kind: SealedSecret\nspec: { encryptedData: { a: AgB } }\n',
    'valuesFrom:\n  - kind: Secret\n    name: db\n',
    '# kind: Secret\na: 1\n',
    'title: "kind: Secret"\n',
  ])
    assert.equal(kindOfFile(text), 'open', text);
  assert.equal(kindOfFile('kind: ExternalSecret\nbroken: [\n'), 'open');
  assert.equal(kindOfFile('Write "kind: Secret" at the top.\n', 'a.txt'), 'open');
});

test('the lines of an ExternalSecret are shown, those of a Secret without apiVersion are not', () => {
  const text = `${head('ExternalSecret')}---\n${head('ConfigMap')}---\nkind: Secret\n${DATA}`;
  const { isSealed } = manifestsIn(text).source;
  const sealed = text.split('\n').flatMap((_, index) => (isSealed(index + 1) ? index + 1 : []));
  assert.deepEqual(sealed, [11, 12, 13]);
});

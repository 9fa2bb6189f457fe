import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { temporaryDirectory } from '../../../../../test/kubelet/temporary-directory.ts';
import { MODEL } from '../../../steps/validate/model.testing.ts';
import { check, fileOf, saidOf, schemaFile } from '../../../steps/validate/snapshot.testing.ts';
import { type InferOptions, inferFromPaths } from './infer-from-paths.ts';

const DEFAULTS = { keys: false, closed: false, secret: false, format: 'auto' } as const;

function infer(paths: readonly string[], rest: Partial<InferOptions> = {}) {
  return inferFromPaths({ ...DEFAULTS, ...rest, paths });
}

/** A directory with these files. */
function directoryOf(t: TestContext, texts: Record<string, string | Buffer>): string {
  const dir = temporaryDirectory(t);
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

/** The findings without any schema, and without the directory. */
async function saidOfInfer(dir: string, paths: readonly string[], rest = {}) {
  const { schemas, findings } = await infer(paths, rest);
  assert.deepEqual(schemas, []);
  return findings.map((finding) => formatFinding(finding).replaceAll(`${dir}/`, ''));
}

test('a configuration gives a schema that takes it, and finds what is wrong in the next one', async (t) => {
  const dir = directoryOf(t, { 'config.yaml': MODEL });
  const { schemas, findings } = await infer([join(dir, 'config.yaml')], { closed: true });
  assert.deepEqual(findings, []);
  const [{ name, text } = { name: '', text: '' }] = schemas;
  assert.equal(name, 'config.yaml');
  assert.match(text, /^\{\n {2}"\$schema": ".*2020-12\/schema",\n {2}"title": "config.yaml",\n/);
  const checks = [check('*', { schema: await schemaFile(t, text) })];
  assert.deepEqual(await saidOf(fileOf('config.yaml', MODEL), checks), []);
  const next = MODEL.replace('num_labels: 2', 'num_labels: two').replace('device:', 'devise:');
  assert.deepEqual(await saidOf(fileOf('config.yaml', next), checks), [
    'config.yaml:4:15: /model/num_labels must be integer (is "two") [LG_VALIDATE_SCHEMA]',
    "config.yaml:13:1: /inference must have required property 'device' [LG_VALIDATE_SCHEMA]",
    'config.yaml:16:3: /inference must not have the property "devise", did you mean "device"? [LG_VALIDATE_SCHEMA]',
  ]);
});

test('several files, and several documents of one, are examples of one kind', async (t) => {
  const dir = directoryOf(t, {
    'a.yaml': 'a: 1\nb: 1.0\n---\na: 2\nb: 2\n',
    'b.json': '{"a": null, "c": 1e3}',
  });
  const { schemas } = await infer([join(dir, 'a.yaml'), join(dir, 'b.json')]);
  assert.equal(schemas.length, 1);
  const { $schema, ...schema } = JSON.parse(schemas[0]?.text ?? '');
  assert.deepEqual(schema, {
    title: 'a.yaml',
    $comment: 'made by lastgood schema infer from 3 examples',
    type: 'object',
    properties: {
      a: { type: ['integer', 'null'] },
      b: { type: 'number' },
      c: { type: 'number' },
    },
    required: ['a'],
  });
});

test('a directory gives a schema for each file with a format, and stages are examples', async (t) => {
  const staging = directoryOf(t, { 'a.yaml': 'a: 1', 'conf/b.json': '{"b": 1}', LICENSE: 'x' });
  const production = directoryOf(t, { 'a.yaml': 'a: 0.5' });
  const { schemas, findings } = await infer([staging, production]);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    schemas.map(({ name, text }) => [name, JSON.parse(text).properties]),
    [
      ['a.yaml', { a: { type: 'number' } }],
      ['conf/b.json', { b: { type: 'integer' } }],
    ],
  );
});

test('the files of a volume are typed keys, and credentials are text', async (t) => {
  const dir = directoryOf(t, {
    batch_size: '32\n',
    learning_rate: '2e-5',
    dropout: '0.0',
    debug: 'true',
    endpoint: 'http://a:8080',
    zip: '01234',
    account: '12345678901234567890',
    db_password: '12345',
    keystore: Buffer.from([0xff, 0xfe]),
  });
  const { schemas } = await infer([dir], { keys: true });
  assert.deepEqual(JSON.parse(schemas[0]?.text ?? '').properties, {
    account: { type: 'string' },
    batch_size: { type: 'integer' },
    db_password: { type: 'string' },
    debug: { type: 'boolean' },
    dropout: { type: 'number' },
    endpoint: { type: 'string', format: 'uri' },
    keystore: { type: 'string' },
    learning_rate: { type: 'number' },
    zip: { type: 'string' },
  });
});

test('a file whose name has no format can be given one', async (t) => {
  const dir = directoryOf(t, { settings: 'a: 1\n' });
  const { schemas } = await infer([join(dir, 'settings')], { format: 'yaml' });
  assert.equal(JSON.parse(schemas[0]?.text ?? '').type, 'object');
});

test('every missing, invalid or mixed input is reported', async (t) => {
  const dir = directoryOf(t, { 'a.yaml': 'a: b: c', 'b.json': '{"a":1', 'd/c.yaml': 'a: 1' });
  const at = (name: string) => join(dir, name);
  assert.deepEqual(await saidOfInfer(dir, [at('x.yaml'), at('y.yaml')]), [
    'x.yaml: cannot be read: ENOENT [LG_INPUT_UNREADABLE]',
    'y.yaml: cannot be read: ENOENT [LG_INPUT_UNREADABLE]',
  ]);
  assert.equal((await saidOfInfer(dir, [at('a.yaml'), at('b.json')])).length, 2);
  assert.deepEqual(await saidOfInfer(dir, [at('d'), at('a.yaml')]), [
    'name either files, all of one kind, or directories [LG_USAGE]',
  ]);
  assert.deepEqual(await saidOfInfer(dir, [at('a.yaml')], { keys: true }), [
    '--keys takes directories: each file in one is a key [LG_USAGE]',
  ]);
  assert.deepEqual(await saidOfInfer(dir, ['/dev/null']), [
    '/dev/null: cannot be read: it is not a regular file [LG_INPUT_UNREADABLE]',
  ]);
});

test('P8: of a secret that cannot be parsed nothing is quoted, and no value gets into a schema', async (t) => {
  const dir = directoryOf(t, { 'a.yaml': 'hunter2: 1\nhunter2: 2', 'b.yaml': 'a: hunter2' });
  const { findings } = await infer([join(dir, 'a.yaml')], { secret: true });
  assert.equal(findings.length, 1);
  assert.doesNotMatch(JSON.stringify(findings), /hunter2/);
  const { schemas } = await infer([dir, dir], { secret: true });
  assert.deepEqual(
    schemas.map(({ name }) => name),
    ['b.yaml'],
  );
  assert.doesNotMatch(JSON.stringify(schemas), /hunter2/);
});

test('P8: of a manifest of a Secret that cannot be parsed nothing is quoted either', async (t) => {
  const text = 'kind: Secret\nstringData:\n  hunter2: a\n  hunter2: b\n';
  const dir = directoryOf(t, { 'secret.yaml': text });
  for (const path of [join(dir, 'secret.yaml'), dir]) {
    const { findings } = await infer([path]);
    assert.equal(findings.length, 1);
    assert.doesNotMatch(JSON.stringify(findings), /hunter2/);
  }
});

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: { name: model }
data:
  config.yaml: |
    batch_size: 8
---
apiVersion: v1
kind: Secret
metadata: { name: db }
stringData:
  login.yaml: |
    user: hunter2
  port: "5432"
`;

test('the content of a manifest gives schemas, and not the manifest', async (t) => {
  const dir = directoryOf(t, { 'a.yaml': MANIFEST, 'b.yaml': MANIFEST.replace('8', '0.5') });
  const { schemas, findings, leftOut } = await infer([join(dir, 'a.yaml'), join(dir, 'b.yaml')]);
  assert.deepEqual(findings, []);
  assert.deepEqual(leftOut, ['db/port']);
  assert.deepEqual(
    schemas.map(({ name, text }) => [name, JSON.parse(text).properties]),
    [
      ['model/config.yaml', { batch_size: { type: 'number' } }],
      ['db/login.yaml', { user: { type: 'string' } }],
    ],
  );
});

test('the keys of a Secret in a manifest are typed', async (t) => {
  const dir = directoryOf(t, { 'a.yaml': MANIFEST.slice(MANIFEST.indexOf('---')) });
  const { schemas } = await infer([join(dir, 'a.yaml')], { keys: true });
  assert.deepEqual(JSON.parse(schemas[0]?.text ?? '').properties, {
    'login.yaml': { type: 'string' },
    port: { type: 'integer' },
  });
});

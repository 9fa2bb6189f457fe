import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { issue } from '../../checks/certificates/certificate.testing.ts';
import type { ValidateRequest } from './flags.ts';
import { workspace } from './workspace.testing.ts';

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata: { name: model, namespace: ml }
data:
  config.yaml: |
    batch_size: 8
    device: [cuda
  limits.json: "{\\"a\\": 1,}"
`;

const SECRET = `apiVersion: v1
kind: Secret
metadata: { name: db }
stringData:
  login.yaml: |
    user: hunter2
    user: hunter3
`;

const SCHEMA = JSON.stringify({ type: 'object', properties: { batch_size: { maximum: 4 } } });

test('a finding in a ConfigMap has its line in the manifest', async (t) => {
  const { validate } = workspace(t, { 'm.yaml': CONFIG_MAP });
  const { end, said } = await validate(['m.yaml']);
  assert.equal(end, 'bad');
  assert.deepEqual(said, [
    'm.yaml:7:13: config.yaml: a bracket is not closed',
    'm.yaml:8:16: limits.json:1:8: trailing comma, which only some readers of JSON accept',
  ]);
});

test('P8: findings in a Secret show only locations, in every output', async (t) => {
  const { validate } = workspace(t, {
    'm.yaml': `${SECRET}---\n${CONFIG_MAP}`,
    'cannot-be-parsed.yaml': `${SECRET}  next: [\n`,
  });
  for (const output of ['human', 'json', 'github', 'sarif', 'junit'] as const) {
    const told = await validate(['m.yaml', 'cannot-be-parsed.yaml'], { output });
    assert.doesNotMatch(told.output, /hunter/, output);
    assert.match(told.output, /login\.yaml/, output);
  }
  const { said } = await validate(['m.yaml']);
  assert.equal(said[0], 'm.yaml:7:5: login.yaml: duplicate key');
});

test('a Secret that sops has encrypted is left alone, with a note', async (t) => {
  const encrypted = SECRET.replace(/login.*/s, 'tls.crt: ENC[AES256_GCM,data:x]\nsops: {}\n');
  const { validate } = workspace(t, { 'm.yaml': encrypted });
  const { end, said, notes } = await validate(['m.yaml'], { strict: true });
  assert.deepEqual([end, said], ['good', []]);
  assert.deepEqual(notes, ['1 object encrypted by sops: the values were not checked']);
});

test('P8: values of a Secret that come from an alias are not shown', async (t) => {
  const list = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  data: &data
    a.txt: &text |
      user: hunter2
      user: hunter3
    b.txt: hunter2
- apiVersion: v1
  kind: Secret
  data: *data
- apiVersion: v1
  kind: Secret
  stringData:
    login.yaml: *text
`;
  const { validate } = workspace(t, { 'm.yaml': list });
  const { output } = await validate(['m.yaml'], { output: 'human' });
  assert.match(output, /m\.yaml:7:5: data\.a\.txt is not valid base64/);
  assert.match(output, /m\.yaml:9:7: login\.yaml: duplicate key/);
  assert.doesNotMatch(output, /hunter/);
});

test('P8: with --secret no content of plain files is shown', async (t) => {
  const { validate } = workspace(t, { 'd/plain.yaml': 'hunter2: 1\nhunter2: 2\n' });
  for (const input of ['d', 'd/plain.yaml']) {
    assert.match((await validate([input], { output: 'human' })).output, /hunter/);
    const { output } = await validate([input], { output: 'human', secret: true });
    assert.match(output, /plain\.yaml:2:1: duplicate key \[/);
    assert.doesNotMatch(output, /hunter/);
  }
});

test('standard input is manifests, or one file of YAML or JSON', async (t) => {
  const { validate } = workspace(t, {});
  const { said } = await validate(['-'], {}, CONFIG_MAP);
  assert.match(said[0], /^stdin:7:13: config\.yaml: /);
  assert.deepEqual((await validate(['-'], {}, 'a: 1\na: 2\n')).said, [
    'stdin:2:1: duplicate key "a"',
  ]);
  assert.deepEqual((await validate(['-'], {}, '{"a": 1')).said, [
    'stdin:1:1: a brace is not closed',
  ]);
});

test('a directory holds manifests and files, each by itself', async (t) => {
  const { validate } = workspace(t, { 'd/m.yaml': CONFIG_MAP, 'd/x/a.json': '{', 'd/b.txt': '' });
  const { said, files } = await validate(['d']);
  assert.equal(files, 4);
  assert.deepEqual(
    said.map((each: string) => each.replace(/: .*/, '')),
    ['d/m.yaml:7:13', 'd/m.yaml:8:16', 'd/x/a.json:1:1'],
  );
});

test('a key that Kustomize generates is not missing, in a directory or beside the files', async (t) => {
  const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: model }\ndata: { a: b }\n';
  const volume = '{ name: v, configMap: { name: model, items: [{ key: k, path: k }] } }';
  const { validate } = workspace(t, {
    'd/pod.yaml': `apiVersion: v1\nkind: Pod\nspec: { containers: [], volumes: [${volume}] }\n`,
    'd/config.yaml': config,
    'd/kustomization.yaml': 'configMapGenerator: [{ name: model, behavior: merge, envs: [x] }]\n',
  });
  const files = ['d/pod.yaml', 'd/config.yaml'];
  assert.match((await validate(files)).said.join(), /ConfigMap model has no key "k"/);
  assert.deepEqual((await validate([...files, 'd/kustomization.yaml'])).said, []);
  assert.deepEqual((await validate(['d'])).said, []);
});

test('a working tree is read without the directories of other tools and without bad links', async (t) => {
  const { dir, validate } = workspace(t, {
    'r/a.json': '{}',
    'r/.git/bad.json': '{',
    'r/web/node_modules/x/bad.json': '{',
    'r/.github/bad.json': '{',
  });
  symlinkSync('gone', join(dir, 'r/[gone]*.json'));
  symlinkSync('/etc', join(dir, 'r/outside'));
  const { end, said, files } = await validate(['r']);
  assert.equal(end, 'bad');
  const outside = 'is a link whose target is missing or outside the volume';
  assert.deepEqual(said, [
    'r/.github/bad.json:1:1: a brace is not closed',
    `r/[gone]*.json: ${outside}`,
    `r/outside: ${outside}`,
  ]);
  assert.equal(files, 4);
  assert.equal((await validate(['r/web'])).said.length, 1, 'nothing is left');
});

test('files of one directory are checked together, as in a volume', async (t) => {
  const [a, b] = [await issue({ name: 'a', to: '2049-01-01' }), await issue({ name: 'b' })];
  const { validate } = workspace(t, {
    'c/tls.crt': a.certificate,
    'c/tls.key': b.key,
    'd/tls.key': a.key,
  });
  const told = await validate(['c/tls.crt', 'c/tls.key']);
  assert.equal(told.end, 'bad');
  assert.deepEqual(told.said, (await validate(['c'])).said);
  assert.equal((await validate(['c/tls.crt', 'd/tls.key'])).end, 'good');
});

test('P11: a flag that matches no file is wrong usage', async (t) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] } };
  const { dir, validate } = workspace(t, {
    's.json': SCHEMA,
    'd/config.yaml': 'batch_size: 1\n',
    'p.json': JSON.stringify(pod),
  });
  const schema = join(dir, 's.json');
  const cases = [
    [
      'd',
      { schema: [`confg.yaml=${schema}`] },
      `--schema confg.yaml=s.json matches no file, did you mean "config.yaml"?`,
    ],
    ['d/config.yaml', { rule: ['*.json=self.a'] }, '--rule *.json=self.a matches no file'],
    ['d', { format: ['x=yaml'] }, '--format x=yaml matches no file'],
    [
      'p.json',
      { schema: [schema] },
      '--schema s.json matches no file: the input has no file and no ConfigMap or Secret',
    ],
  ] as const;
  for (const [input, flags, message] of cases) {
    const { end, usage } = await validate([input], flags);
    assert.deepEqual([end, usage], ['unusable', [message]]);
  }
});

test("in a kubelet's volume a manifest is content like any other", async (t) => {
  const { dir, validate } = workspace(t, { 'v/..2026/m.yaml': CONFIG_MAP });
  symlinkSync('..2026', join(dir, 'v/..data'));
  symlinkSync('..data/m.yaml', join(dir, 'v/m.yaml'));
  const { said, files } = await validate(['v']);
  assert.deepEqual([said, files], [[], 1]);
});

test('pods of one input are checked with the ConfigMaps of another', async (t) => {
  const spec = {
    containers: [],
    volumes: [{ name: 'v', configMap: { name: 'model', items: [{ key: 'gone' }] } }],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec };
  const { validate } = workspace(t, { 'm.yaml': CONFIG_MAP, 'p.json': JSON.stringify(pod) });
  const { said } = await validate(['p.json', 'm.yaml']);
  assert.match(said[0], /^p\.json:1:\d+: ConfigMap model has no key "gone"$/);
  assert.deepEqual((await validate(['p.json'])).said, []);
});

test('--schema checks files that can be parsed, or the files of a glob', async (t) => {
  const { dir, validate } = workspace(t, {
    's.json': SCHEMA,
    's=1.json': SCHEMA,
    'd/a.yaml': 'batch_size: 8\n',
    'd/b.txt': 'text\n',
    'd/settings': 'batch_size: 9\n',
  });
  const schema = join(dir, 's.json');
  const tooMuch = 'must be <= 4';
  for (const whole of [schema, join(dir, 's=1.json')])
    assert.deepEqual((await validate(['d'], { schema: [whole] })).said, [
      `d/a.yaml:1:13: /batch_size ${tooMuch} (is 8)`,
    ]);
  assert.deepEqual((await validate(['d'], { schema: [`*.json=${schema}`] })).said, []);
  const named = { schema: [`settings=${schema}`], format: ['settings=yaml'] };
  assert.deepEqual((await validate(['d'], named)).said, [
    `d/settings:1:13: /batch_size ${tooMuch} (is 9)`,
  ]);
  const manifest = 'apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: "batch_size: 7"\n';
  assert.deepEqual((await validate(['-'], { schema: [schema] }, manifest)).said, [
    `stdin:4:11: a.yaml:1:13: /batch_size ${tooMuch} (is 7)`,
  ]);
});

const SETTINGS = `bundles:
  - name: model
    volumes: [{ path: /v/model }]
    validate:
      - { files: config.yaml, schema: /etc/lastgood/model.schema.json }
  - name: limits
    volumes: [{ path: /v/limits }]
    validate:
      - files: limits.json
`;

test('--config runs the checks of the bundles whose files are there', async (t) => {
  const { dir, validate } = workspace(t, {
    'lastgood.yaml': SETTINGS,
    'model.schema.json': SCHEMA,
    'model/config.yaml': 'batch_size: 8\n',
    'other/a.yaml': 'batch_size: 8\n',
  });
  const config = join(dir, 'lastgood.yaml');
  // The path of the schema is that in the pod; here it is beside the settings.
  assert.deepEqual((await validate(['model'], { config })).said, [
    'model/config.yaml:1:13: /batch_size must be <= 4 (is 8)',
  ]);
  const other = await validate(['other'], { config });
  const idle = `no check of ${config} ran: no bundle has its files or objects here`;
  assert.deepEqual([other.said, other.notes], [[], [idle]]);
  assert.deepEqual((await validate(['other'], { config, bundle: 'model' })).said, [
    'other/config.yaml: is not in the snapshot',
  ]);
});

test('a file that a check of the bundle names is missed once, and not where it is one file', async (t) => {
  const { dir, validate } = workspace(t, {
    'lastgood.yaml': SETTINGS,
    'model.schema.json': SCHEMA,
    'a.yaml': 'batch_size: 1\n',
    'm.yaml': `${CONFIG_MAP.replaceAll('config.yaml', 'confg.txt').replaceAll('limits.json', 'l.txt')}---\n${SECRET.replaceAll('login.yaml', 'l.txt')}`,
  });
  const rest = { config: join(dir, 'lastgood.yaml'), bundle: 'model' };
  assert.deepEqual((await validate(['m.yaml'], rest)).said, [
    'm.yaml:4:1: config.yaml: is not in the snapshot',
  ]);
  assert.deepEqual((await validate(['a.yaml'], rest)).said, []);
});

test('P8: a bundle with a secret volume keeps the content of files to itself', async (t) => {
  const { dir, validate } = workspace(t, {
    'lastgood.yaml': 'bundles: [{ name: db, volumes: [{ path: /v, secret: true }] }]\n',
    'a.yaml': 'hunter2: 1\nhunter2: 2\n',
  });
  const rest = { config: join(dir, 'lastgood.yaml'), output: 'human' } as const;
  assert.doesNotMatch((await validate(['a.yaml'], rest)).output, /hunter/);
});

test('an unreadable input is reported, and the others are checked', async (t) => {
  const { dir, validate } = workspace(t, { 'a.json': '{', 'd/a.yaml': 'a: 1\n' });
  symlinkSync('/nowhere', join(dir, 'd/b.yaml'));
  const { end, said } = await validate(['gone.yaml', 'a.json', 'd']);
  assert.equal(end, 'unusable');
  assert.deepEqual(said, [
    'gone.yaml: cannot be read: ENOENT',
    'a.json:1:1: a brace is not closed',
    'd/b.yaml: is a link whose target is missing or outside the volume',
  ]);
});

test('warnings pass, and with --strict they fail', async (t) => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nimmutable: true\n';
  const { validate } = workspace(t, {});
  assert.equal((await validate(['-'], {}, text)).end, 'good');
  assert.equal((await validate(['-'], { strict: true }, text)).end, 'bad');
});

test('P11: --strict makes warnings of a format errors', async (t) => {
  const { validate } = workspace(t, { 'a.yaml': 'a: 1\n\uFEFFb: 2\n' });
  const severities = async (strict: boolean) => {
    const { output } = await validate(['a.yaml'], { strict, output: 'json' });
    const { findings } = JSON.parse(output) as { findings: { severity: string }[] };
    return findings.map(({ severity }) => severity);
  };
  assert.deepEqual(await severities(false), ['warning']);
  assert.deepEqual(await severities(true), ['error']);
});

test('wrong settings and flags are reported before any check', async (t) => {
  const { dir, validate } = workspace(t, { 'a.yaml': '', 'lastgood.yaml': SETTINGS });
  const config = join(dir, 'lastgood.yaml');
  const cases: [Partial<ValidateRequest>, RegExp][] = [
    [{ config, bundle: 'modl' }, /has no bundle "modl", did you mean "model"\?$/],
    [{ config: join(dir, 'gone.yaml') }, /^cannot read the settings file /],
    [{ format: ['*=yml'] }, /^unknown format "yml", did you mean "yaml"\?$/],
  ];
  for (const [rest, message] of cases) {
    const { end, output, usage } = await validate(['a.yaml'], rest);
    assert.deepEqual([end, output], ['unusable', '']);
    assert.match(usage[0] ?? '', message);
  }
  await assert.rejects(validate(['a.yaml'], { schema: ['/gone.json'] }), {
    code: 'LG_SETTINGS_SCHEMA',
  });
});

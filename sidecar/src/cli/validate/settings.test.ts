import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workspace } from './workspace.testing.ts';

const SETTINGS = `bundles:
  - name: model
    volumes:
      - { path: /v/model }
      - { path: /v/db, at: db, secret: true }
    validate:
      - files: config.yaml
        schema: /etc/lastgood/model.schema.json
        rules: [rule: self.n < 10]
      - files: db/url
      - { keys: "db/*", schema: db.schema.json }
      - rules: [rule: '"db/url" in self']
      - exec: { command: [sh, -c, "grep -v bad config.yaml"] }
    targets: [webhook: { url: "http://u:hunter2@localhost/" }]
  - { name: routes, volumes: [{ path: /v/routes }], validate: [files: routes.json] }
`;

const MODEL = '{ "type": "object", "properties": { "n": { "maximum": 5 } } }';
const DB =
  '{ "type": "object", "properties": { "port": { "type": "integer" } }, "required": ["url"] }';

const FILES = {
  'lastgood.yaml': SETTINGS,
  'model.schema.json': MODEL,
  'db.schema.json': DB,
  'good/config.yaml': 'n: 4\n',
};

const object = (kind: string, key: string, value: string) =>
  `---\napiVersion: v1\nkind: ${kind}\nmetadata: { name: a }\n${
    kind === 'Secret' ? 'stringData' : 'data'
  }:\n  ${key}: "${value}"\n`;

const config = 'lastgood.yaml';

test('settings alone: their schemas and rules are checked', async (t) => {
  const { dir, validate } = workspace(t, FILES);
  const { end, output } = await validate([], { config, output: 'human' });
  assert.equal(end, 'good');
  assert.equal(output, `${dir}/lastgood.yaml is good: 2 bundles, 6 checks, 2 schemas, 2 rules\n`);
  const { output: one } = await validate([], { config, bundle: 'routes', output: 'human' });
  assert.equal(one, `${dir}/lastgood.yaml is good: 1 bundle, 1 check\n`);
});

test('settings alone: every error is reported at its line', async (t) => {
  const { validate } = workspace(t, {
    ...FILES,
    'lastgood.yaml': SETTINGS.replace('self.n < 10', 'self.n <').replace(
      'db.schema',
      'gone.schema',
    ),
    'model.schema.json': MODEL.replace('"object"', '"objct"'),
    'doubt.yaml': SETTINGS.replace('model.schema', 'doubt.schema'),
    'doubt.schema.json': MODEL.replace('"type": "object", ', ''),
  });
  const { end, said } = await validate([], { config });
  assert.equal(end, 'unusable');
  assert.deepEqual(said, [
    'lastgood.yaml:9:30: the rule cannot be used: syntax error at "<"',
    'lastgood.yaml:11:33: the JSON Schema gone.schema.json cannot be used: ENOENT',
    'model.schema.json:1:11: this JSON Schema cannot be used: /type must be one of "array", ' +
      '"boolean", "integer", "null", "number", "object", "string" (is "objct")',
  ]);
  const doubtful = await validate([], { config: 'doubt.yaml' });
  assert.match(
    doubtful.said.join(),
    /^doubt\.schema\.json:1:3: properties without "type": "object"/,
  );
  assert.equal(doubtful.end, 'good');
  assert.equal((await validate([], { config: 'doubt.yaml', strict: true })).end, 'bad');
});

test('wrong settings alone are unusable, as they are with an input', async (t) => {
  const { validate } = workspace(t, { 'lastgood.yaml': 'bundels: []\n' });
  const { end, said } = await validate([], { config });
  assert.equal(end, 'unusable');
  assert.match(said[0], /^lastgood\.yaml:1:1: unknown key "?bundels/);
  assert.equal((await validate([], { config: 'gone.yaml' })).end, 'unusable');
});

test('P8: of settings alone no line is shown, since one may hold a password', async (t) => {
  const wrong = SETTINGS.replace('targets: [webhook: {', 'targets: [webhook: { method: NO,');
  const { validate } = workspace(t, { ...FILES, 'lastgood.yaml': wrong });
  for (const output of ['human', 'json', 'github', 'sarif', 'junit'] as const) {
    const told = await validate([], { config, output });
    assert.match(told.output, /method/);
    assert.doesNotMatch(told.output, /hunter/);
  }
});

test('files of a volume that stands elsewhere in the bundle are not missed', async (t) => {
  const { validate } = workspace(t, FILES);
  const one = await validate(['-'], { config }, object('ConfigMap', 'config.yaml', 'n: 9'));
  assert.deepEqual(one.said, ['stdin:6:16: config.yaml:1:4: /n must be <= 5 (is 9)']);
  const text = object('ConfigMap', 'b.txt', '');
  const other = await validate(['-'], { config, bundle: 'model' }, text);
  assert.deepEqual(other.said, ['stdin:5:1: config.yaml: is not in the snapshot']);
});

test('--at says which volume of the bundle the files are', async (t) => {
  const { validate } = workspace(t, { ...FILES, 'db/url': 'hunter2', 'db/port': 'x' });
  const port = 'must be integer';
  const rest = { config, at: 'db' };
  const { said } = await validate(['-'], rest, object('Secret', 'port', 'x'));
  assert.deepEqual(said, [
    'stdin:2:1: url: is not in the snapshot',
    'stdin:2:1: url: is missing, and the schema requires it',
    `stdin:6:9: port: ${port}`,
  ]);
  const good = await validate(['-'], rest, object('Secret', 'url', 'hunter2'));
  assert.deepEqual([good.end, good.said], ['good', []]);
  assert.deepEqual((await validate(['db'], rest)).said, [`db/port: ${port}`]);
  const { usage } = await validate(['db'], { config, at: 'dbs' });
  assert.deepEqual(usage, ['lastgood.yaml has no volume with at: dbs, did you mean "db"?']);
});

test('what looks at several files is not asked about one of them', async (t) => {
  const settings = `bundles: [{ name: a, volumes: [{ path: /v }], validate: [
    { rules: [rule: '"b.yaml" in self'] }, { keys: "*", schema: db.schema.json }] }]\n`;
  const { validate } = workspace(t, { ...FILES, 'one.yaml': settings });
  const one = { config: 'one.yaml' };
  assert.deepEqual((await validate(['good/config.yaml'], one)).said, []);
  const manifest = object('ConfigMap', 'a.txt', 'x');
  assert.equal((await validate(['-'], one, manifest)).said.length, 2);
});

test('a command that cannot run on a single file is noted', async (t) => {
  const { validate } = workspace(t, FILES);
  const run = await validate(['good/config.yaml'], { config, exec: true });
  assert.deepEqual([run.end, run.said], ['good', []]);
  const needs = '1 command of the settings was not run; it needs a directory or a manifest';
  assert.deepEqual(run.notes, [needs]);
  const left = await validate(['good/config.yaml'], { config });
  assert.deepEqual(left.notes, [`${needs}, and --exec`]);
  const whole = await validate(['good'], { config, exec: true });
  assert.deepEqual(whole.notes, []);
});

test('commands are run when asked for, and else said to be left out', async (t) => {
  const { validate } = workspace(t, FILES);
  const manifest = (value: string) =>
    object('ConfigMap', 'config.yaml', value) + object('ConfigMap', 'other.yaml', '{}');
  const left = await validate(['-'], { config }, manifest('n: 1 # bad'));
  assert.deepEqual(left.said, []);
  assert.deepEqual(left.notes, ['1 command of the settings was not run; --exec runs it']);
  const run = await validate(['-'], { config, exec: true }, manifest('n: 1 # bad'));
  assert.equal(run.end, 'bad');
  assert.match(run.said[0], /^stdin:2:1: sh exited with code 1 /);
  assert.deepEqual(run.notes, []);
  const good = await validate(['-'], { config, exec: true }, manifest('n: 1'));
  assert.deepEqual([good.end, good.said], ['good', []]);
});

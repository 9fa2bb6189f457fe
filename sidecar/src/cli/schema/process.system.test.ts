import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';

const MAIN = new URL('../../main.ts', import.meta.url).pathname;

/** Runs `lastgood schema` in a directory with these files. */
function workspace(t: TestContext, files: Record<string, string>) {
  const cwd = temporaryDirectory(t);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), content);
  }
  const schema = (...argv: string[]) => {
    const { NO_COLOR: _no, FORCE_COLOR: _force, NODE_OPTIONS: _options, ...env } = process.env;
    const options = { cwd, encoding: 'utf8', env } as const;
    const ended = spawnSync(process.execPath, [MAIN, 'schema', ...argv], options);
    return [ended.status, ended.stdout, ended.stderr];
  };
  return { cwd, schema };
}

const USAGE_HINT = '  hint: see lastgood schema infer --help\n';

const LEARNT = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "config.yaml",
  "$comment": "made by lastgood schema infer from one example",
  "type": "object",
  "properties": {
    "batch_size": {
      "type": "integer"
    }
  },
  "required": [
    "batch_size"
  ]
}
`;

const CONFIG = { 'config.yaml': 'batch_size: 8\n' };

test('one schema goes to standard output', (t) => {
  const { schema } = workspace(t, CONFIG);
  assert.deepEqual(schema('infer', 'config.yaml'), [0, LEARNT, '']);
});

test('new keys are allowed unless the schema is closed', (t) => {
  const { schema } = workspace(t, CONFIG);
  assert.deepEqual(schema('infer', 'config.yaml', '--open'), [0, LEARNT, '']);
  const closed = LEARNT.replace(/\]\n\}\n$/, '],\n  "additionalProperties": false\n}\n');
  assert.deepEqual(schema('infer', 'config.yaml', '--closed'), [0, closed, '']);
  assert.deepEqual(schema('infer', 'config.yaml', '--closed', '--open'), [
    2,
    '',
    `lastgood: --open and --closed exclude each other [LG_USAGE]\n${USAGE_HINT}`,
  ]);
});

test('files that give no schema are named', (t) => {
  const { schema } = workspace(t, {
    'd/config.yaml': 'batch_size: 8\n',
    'd/PORT': '1',
    'd/URL': 'x',
  });
  const note =
    'lastgood: 2 files left out, because the format has no keys (PORT, URL); ' +
    '--keys makes each file a key of one schema\n';
  assert.deepEqual(schema('infer', 'd'), [0, LEARNT, note]);
});

test('several schemas need a directory', (t) => {
  const { cwd, schema } = workspace(t, {
    'd/config.yaml': 'a: 1',
    'd/config.json': '{}',
    'd/b.env': 'A=1',
  });
  assert.deepEqual(schema('infer', 'd'), [
    2,
    '',
    'lastgood: there are 3 schemas (for b.env, config.json, config.yaml): ' +
      `name a directory for them with --output [LG_USAGE]\n${USAGE_HINT}`,
  ]);
  const wrote = 'b.schema.json config.json.schema.json config.yaml.schema.json'
    .split(' ')
    .map((name) => `wrote new/schemas/${name}\n`)
    .join('');
  assert.deepEqual(schema('infer', 'd', '--output', 'new/schemas'), [0, wrote, '']);
  const { title } = JSON.parse(readFileSync(join(cwd, 'new/schemas/b.schema.json'), 'utf8'));
  assert.equal(title, 'b.env');
});

test('files are overwritten only with --force', (t) => {
  const { cwd, schema } = workspace(t, { ...CONFIG, 'out/config.schema.json': 'mine' });
  const into = ['infer', 'config.yaml', '--output', 'out'];
  assert.deepEqual(schema(...into), [
    2,
    '',
    `lastgood: out/config.schema.json already exists; --force overwrites it [LG_USAGE]\n${USAGE_HINT}`,
  ]);
  const path = join(cwd, 'out/config.schema.json');
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  assert.deepEqual(schema(...into, '--force'), [0, 'wrote out/config.schema.json\n', '']);
  assert.equal(readFileSync(path, 'utf8'), LEARNT);
});

test('a name in a manifest cannot lead out of the directory', (t) => {
  const manifest =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ../.. }\ndata: { a.yaml: "a: 1" }\n';
  const { cwd, schema } = workspace(t, { 'd/m.yaml': manifest });
  const [status, , said] = schema('infer', 'd/m.yaml', '--output', 'd/out');
  assert.equal(status, 2);
  assert.match(String(said), /^lastgood: a\.schema\.json is outside of d\/out \[LG_USAGE\]/);
  assert.ok(!existsSync(join(cwd, 'a.schema.json')));
});

test('an invalid file gives no schema and ends with 1, the others give theirs', (t) => {
  const { schema } = workspace(t, { 'd/a.yaml': 'a: 1\n', 'd/b.yaml': 'a: [\n' });
  const [status, wrote, said] = schema('infer', 'd', '--output', 'out');
  assert.deepEqual([status, wrote], [1, 'wrote out/a.schema.json\n']);
  assert.match(String(said), /^lastgood: b\.yaml:\d+:\d+: .* \[LG_VALIDATE_SYNTAX\]\n/);
});

test('P8: a finding in a secret shows only the location', (t) => {
  const { schema } = workspace(t, { 'a.yaml': 'hunter2: 1\nhunter2: 2\n' });
  assert.match(schema('infer', 'a.yaml').join(), /hunter2/);
  const [status, wrote, said] = schema('infer', 'a.yaml', '--secret');
  assert.deepEqual([status, wrote], [1, '']);
  assert.match(String(said), /^lastgood: a\.yaml:2:1: duplicate key \[/);
});

test('input that gives no schema or cannot be read ends with 2, one that cannot be written with 1', (t) => {
  const { schema } = workspace(t, { ...CONFIG, 'd/key': 'x' });
  assert.deepEqual(schema('infer', 'gone'), [
    2,
    '',
    'lastgood: gone: cannot be read: ENOENT [LG_INPUT_UNREADABLE]\n' +
      '  hint: check the path and its permissions; the --help of the command says what it reads\n',
  ]);
  assert.match(schema('infer', 'd').join(), /^2,,lastgood: no file there has a format with keys; /);
  assert.match(
    schema('infer', 'config.yaml', '--output', 'd/key').join(),
    /^1,,lastgood: d\/key\/config\.schema\.json: cannot be written: \w+ \[LG_OUTPUT_UNWRITABLE\]/,
  );
});

const DOUBTFUL =
  '{\n  "type": "object",\n  "properties": { "a": { "minimum": 3, "maximum": 1 } }\n}\n';

const DOUBT = `doubtful.json:3:37: warning: minimum 3 is more than maximum 1, so no value fits [LG_SETTINGS_SCHEMA_DOUBT]
  2 |   "type": "object",
  3 |   "properties": { "a": { "minimum": 3, "maximum": 1 } }
    |                                     ^
  hint: the schema can be used, but probably does not mean this

`;

test('schemas are checked, each with its lines', (t) => {
  const { schema } = workspace(t, {
    'good.json': '{}',
    'doubtful.json': DOUBTFUL,
    'bad.json': '{\n  "requried": ["a"]\n}\n',
  });
  assert.deepEqual(schema('check', 'good.json'), [0, '1 file is good\n', '']);
  const doubted = `${DOUBT}1 warning in 1 of 2 files\n`;
  assert.deepEqual(schema('check', 'good.json', 'doubtful.json'), [0, doubted, '']);
  const strict = schema('check', 'good.json', 'doubtful.json', '--strict');
  assert.deepEqual(strict, [1, doubted, '']);
  const github =
    '::error file=bad.json,line=2,col=3,title=LG_SETTINGS_SCHEMA::this JSON Schema cannot be used: ' +
    'unknown keyword "requried", did you mean "required"?%0Ahint: it must be a file with JSON ' +
    'Schema 2020-12 or draft-07, or a module that exports a Standard Schema\n';
  assert.deepEqual(schema('check', 'bad.json', '--output', 'github'), [1, github, '']);
});

test('an error in a referenced schema is reported at its place there', (t) => {
  const { schema } = workspace(t, {
    'a.json': '{ "$ref": "sub/b.json" }',
    'sub/b.json': '{ "type": "sting" }',
  });
  const [status, said] = schema('check', 'a.json');
  assert.equal(status, 1);
  assert.match(String(said), /^sub\/b\.json:1:11: this JSON Schema cannot be used: \/type must be/);
});

test('a schema that cannot be read ends with 2, and the others are checked', (t) => {
  const { schema } = workspace(t, { 'doubtful.json': DOUBTFUL });
  const [status, said] = schema('check', 'gone.json', 'doubtful.json');
  assert.equal(status, 2);
  // It reads neither a directory nor standard input.
  assert.match(
    String(said),
    /^gone\.json: cannot be read: ENOENT \[LG_INPUT_UNREADABLE\]\n {2}hint: check the path and its permissions; /,
  );
  assert.match(String(said), /\n1 error, 1 warning in 2 of 2 files\n$/);
});

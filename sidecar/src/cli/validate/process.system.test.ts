import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';

const MAIN = new URL('../../main.ts', import.meta.url).pathname;

/** Runs the real command in a directory with these files. */
function workspace(t: TestContext, files: Record<string, string>) {
  const cwd = temporaryDirectory(t);
  for (const [path, content] of Object.entries(files)) writeFileSync(join(cwd, path), content);
  const validate = (
    argv: readonly string[],
    env: Record<string, string> = {},
    input = '',
    nodeFlags: readonly string[] = [],
  ) => {
    const { NO_COLOR: _no, FORCE_COLOR: _force, NODE_OPTIONS: _options, ...clean } = process.env;
    const options = { cwd, input, encoding: 'utf8', env: { ...clean, ...env } } as const;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...nodeFlags, MAIN, 'validate', ...argv],
      options,
    );
    return { status, stdout, stderr };
  };
  return Object.assign(validate, { cwd });
}

const files = { 'good.yaml': 'a: 1\n', 'bad.yaml': 'a: 1\nb: "x\n' };

test('good files end with 0, bad ones with 1, unreadable ones and wrong usage with 2', (t) => {
  const validate = workspace(t, files);
  assert.deepEqual(validate(['good.yaml']), { status: 0, stdout: '1 file is good\n', stderr: '' });
  const bad = validate(['good.yaml', 'bad.yaml']);
  assert.equal(bad.status, 1);
  assert.equal(bad.stderr, '');
  assert.match(
    bad.stdout,
    /^bad\.yaml:\d+:\d+: .* \[LG_VALIDATE_SYNTAX\]\n[\s\S]*\n1 error in 1 of 2 files\n$/,
  );
  assert.equal(validate(['gone.yaml', 'bad.yaml']).status, 2);
  const usage = validate([]);
  assert.equal(usage.status, 2);
  assert.match(
    usage.stderr,
    /^lastgood: validate needs a file, a directory, or - for standard input/,
  );
});

test('a schema that cannot be used ends with 2', (t) => {
  const { status, stderr } = workspace(t, files)(['good.yaml', '--schema', 'gone.json']);
  assert.equal(status, 2);
  assert.match(stderr, /^lastgood: --schema: the JSON Schema .*gone\.json cannot be used: ENOENT/);
});

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: { name: model, namespace: ml }
data:
  config.yaml: |
    batch_size: 32
    device: cuda
`;

const REFUSED = `model.yaml:6:5: warning: config.yaml: /device is no longer there (was text) [LG_VALIDATE_SHAPE]
  in ConfigMap ml/model, key config.yaml
  5 |   config.yaml: |
  6 |     batch_size: 128
    |     ^
  hint: the last good version has another structure here; shape: off disables this check

model.yaml:6:17: config.yaml: does not hold: self.batch_size <= oldSelf.batch_size * 2 [LG_VALIDATE_RULE]
  in ConfigMap ml/model, key config.yaml
  5 |   config.yaml: |
  6 |     batch_size: 128
    |                 ^
  hint: correct the content, or the rule; a field that may be missing needs has()

1 error, 1 warning in 1 of 1 object
`;

test('a change is compared with the version before it, and checked with rules', (t) => {
  const next = MANIFEST.replace('32\n    device: cuda', '128');
  const validate = workspace(t, { 'model.yaml': next });
  const argv = [
    'model.yaml',
    '--shape-of',
    '-',
    '--rule',
    'self.batch_size <= oldSelf.batch_size * 2',
  ];
  assert.deepEqual(validate(argv, {}, MANIFEST), { status: 1, stdout: REFUSED, stderr: '' });
});

test('a rule that cannot be right ends with 2', (t) => {
  const { status, stdout, stderr } = workspace(t, files)(['good.yaml', '--rule', 'self.a = 1']);
  assert.deepEqual([status, stdout], [2, '']);
  assert.equal(
    stderr,
    'lastgood: --rule "self.a = 1": the rule cannot be used: syntax error at "= 1" ' +
      '(at 1:8 of the rule) [LG_SETTINGS_RULE]\n' +
      '  hint: rules are CEL expressions; docs/rules.md explains them\n',
  );
});

const SETTINGS = `bundles:
  - name: a
    volumes: [{ path: /v }]
    validate: [exec: { command: [sh, -c, "test -f good.yaml"] }]
`;

test('settings are checked alone, with a summary of their parts', (t) => {
  const validate = workspace(t, { 'lastgood.yaml': SETTINGS, 'wrong.yaml': 'bundles: 1\n' });
  const said = 'lastgood.yaml is good: 1 bundle, 1 check\n';
  assert.deepEqual(validate(['--config', 'lastgood.yaml']), {
    status: 0,
    stdout: said,
    stderr: '',
  });
  const wrong = validate(['--config', 'wrong.yaml', '--output', 'github']);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stdout, /^::error file=wrong\.yaml,line=1,col=10,title=LG_SETTINGS_INVALID::/);
});

test('commands of the settings are run with --exec only, and leave nothing behind', (t) => {
  const left = 'lastgood: 1 command of the settings was not run; --exec runs it\n';
  const good = '1 file is good\n';
  const validate = workspace(t, { 'lastgood.yaml': SETTINGS, ...files });
  mkdirSync(join(validate.cwd, 'd'));
  mkdirSync(join(validate.cwd, 'tmp'));
  writeFileSync(join(validate.cwd, 'd/good.yaml'), 'a: 1\n');
  const argv = ['d', '--config', 'lastgood.yaml'];
  const env = { TMPDIR: join(validate.cwd, 'tmp') };
  assert.deepEqual(validate(argv, env), { status: 0, stdout: good, stderr: left });
  assert.deepEqual(validate([...argv, '--exec'], env), { status: 0, stdout: good, stderr: '' });
  assert.deepEqual(readdirSync(join(validate.cwd, 'tmp')), []);
});

test('a large file is checked in its thread', (t) => {
  const large = Array.from({ length: 20_000 }, (_, index) => `key${index}: ${index}\n`).join('');
  const validate = workspace(t, { 'large.yaml': large });
  assert.equal(validate(['large.yaml']).status, 0);
});

test("what does not fit into a sidecar's heap is checked on a machine that has more", (t) => {
  const object = (index: number) =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c${index} }\ndata:\n  a.yaml: |\n`;
  const lines = Array.from({ length: 400 }, (_, index) => `    key${index}: value\n`).join('');
  const stream = Array.from({ length: 400 }, (_, index) => `${object(index)}${lines}`).join(
    '---\n',
  );
  const validate = workspace(t, {});
  const { status, stdout } = validate(['-'], {}, stream, ['--max-old-space-size=32']);
  assert.deepEqual([status, stdout], [0, '400 objects (400 keys) are good\n']);
});

test('standard input is read', (t) => {
  const validate = workspace(t, {});
  assert.match(validate(['-'], {}, 'a: [\n').stdout, /^stdin:/);
  assert.equal(validate(['-'], {}, 'a: []\n').status, 0);
});

test('there are no colours off a terminal, unless FORCE_COLOR asks for them', (t) => {
  const validate = workspace(t, files);
  assert.ok(!validate(['bad.yaml']).stdout.includes('\u001b['));
  assert.ok(validate(['bad.yaml'], { FORCE_COLOR: '1' }).stdout.includes('\u001b['));
  assert.ok(!validate(['bad.yaml'], { NO_COLOR: '1' }).stdout.includes('\u001b['));
});

test('validate --help prints its own flags and ends with 0', (t) => {
  const { status, stdout } = workspace(t, {})(['--help']);
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: lastgood validate /);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../test/kubelet/temporary-directory.ts';

const MAIN = new URL('../main.ts', import.meta.url).pathname;

/** Runs the real command in a directory with these files. */
function workspace(t: TestContext, files: Record<string, string>) {
  const cwd = temporaryDirectory(t);
  for (const [path, content] of Object.entries(files)) writeFileSync(join(cwd, path), content);
  return (
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
  assert.deepEqual([status, stdout], [0, '400 files are good\n']);
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

test('validate --help tells of its own flags and ends with 0', (t) => {
  const { status, stdout } = workspace(t, {})(['--help']);
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: lastgood validate /);
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../../../../../test/kubelet/temporary-directory.ts';

const MAIN = new URL('../../../main.ts', import.meta.url).pathname;

const IMPORTS = `import { z } from ${JSON.stringify(import.meta.resolve('zod'))};
import * as v from ${JSON.stringify(import.meta.resolve('valibot'))};
import { secret } from ${JSON.stringify(import.meta.resolve('@lastgood/sdk'))};
`;

/** Runs `lastgood schema export` in a directory. */
function runIn(cwd: string, ...argv: readonly string[]) {
  const { NO_COLOR: _no, FORCE_COLOR: _force, NODE_OPTIONS: _options, ...env } = process.env;
  const args = [MAIN, 'schema', 'export', ...argv];
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env });
}

/** Runs it on a module that imports zod, valibot and the SDK. */
function run(t: TestContext, code: string, ...flags: readonly string[]) {
  const cwd = temporaryDirectory(t);
  writeFileSync(join(cwd, 'config.ts'), `${IMPORTS}${code}`);
  const { status, stdout, stderr } = runIn(cwd, 'config.ts', ...flags);
  return { status, stdout, stderr: stderr.split('\n', 1)[0] };
}

const SIZE = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: { size: { type: 'integer', minimum: 1, maximum: 64 } },
  required: ['size'],
};

test('the schema of an app is printed: the default export, the only one, or the named one', (t) => {
  const size = 'z.object({ size: z.int().min(1).max(64) })';
  for (const [code, ...flags] of [
    [`export default ${size}; export const other = z.string();\n`],
    [`export const Size: z.ZodType = ${size}; export const port = 8080;\n`],
    [`export const a = z.string(); export const b = ${size};\n`, '--export', 'b'],
    [`export const db = secret(${size});\n`],
  ] as const) {
    const { status, stdout, stderr } = run(t, code, ...flags);
    assert.deepEqual([status, stderr], [0, ''], code);
    assert.deepEqual(JSON.parse(stdout), SIZE);
  }
});

test('the printed schema refuses nothing that the app takes', (t) => {
  const code = 'export default z.object({ size: z.coerce.number().max(64), url: z.url() });\n';
  const { properties } = JSON.parse(run(t, code).stdout);
  assert.deepEqual(properties, { size: { maximum: 64 }, url: { type: 'string' } });
});

test('a module without the schema is wrong usage, and one that fails is a failure', (t) => {
  for (const [code, status, said, ...flags] of [
    [
      'export const a = 1;\n',
      2,
      'config.ts exports no Standard Schema, such as one of zod, valibot or arktype',
    ],
    [
      'export const a = z.int(), b = z.int();\n',
      2,
      'config.ts exports several schemas; it exports a, b: choose one with --export',
    ],
    [
      'export const Model = z.int();\n',
      2,
      'config.ts exports no schema "Modle", did you mean "Model"?',
      '--export',
      'Modle',
    ],
    [
      'export const Model = z.int();\n',
      2,
      'config.ts exports no schema "x"; it exports Model',
      '--export',
      'x',
    ],
    [
      "throw new Error('no database');\n",
      1,
      'config.ts:4:7: this schema cannot be used: no database',
    ],
    [
      'export default v.string();\n',
      1,
      'config.ts: the schema config.ts cannot be used: it does not speak Standard JSON Schema; wrap it with toStandardJsonSchema of @valibot/to-json-schema',
    ],
  ] as const) {
    const ended = run(t, code, ...flags);
    assert.deepEqual([ended.status, ended.stdout], [status, ''], code);
    assert.match(ended.stderr ?? '', new RegExp(`^(lastgood: )?${RegExp.escape(said)} \\[`));
  }
});

test('a path that is not a module, or that cannot be read, is named with what to do', (t) => {
  const cwd = temporaryDirectory(t);
  mkdirSync(join(cwd, 'directory.ts'));
  const unreadable =
    '[LG_INPUT_UNREADABLE]\n  hint: check the path and its permissions; the --help of the command says what it reads\n';
  const usage = '[LG_USAGE]\n  hint: see lastgood schema export --help\n';
  for (const [path, stderr] of [
    ['gone.mjs', `gone.mjs: cannot be read: ENOENT ${unreadable}`],
    ['directory.ts', `directory.ts: cannot be read: EISDIR ${unreadable}`],
    ['.', `. is not a .ts, .mts, .js or .mjs file ${usage}`],
    ['config.schema.json', `config.schema.json is not a .ts, .mts, .js or .mjs file ${usage}`],
  ] as const) {
    const ended = runIn(cwd, path);
    const seen = [ended.status, ended.stdout, ended.stderr];
    assert.deepEqual(seen, [2, '', `lastgood: ${stderr}`]);
  }
});

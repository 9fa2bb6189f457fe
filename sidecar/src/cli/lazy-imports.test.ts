import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

const MAIN = new URL('../main.ts', import.meta.url).pathname;

/** Prints the URL of every module that the process loads. */
const PRINT_MODULES = `data:text/javascript,
  import { registerHooks } from 'node:module';
  registerHooks({ load(url, context, next) { console.error(url); return next(url, context); } });`;

function modulesOf(...argv: string[]): string {
  const args = ['--import', PRINT_MODULES, MAIN, ...argv];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stderr;
}

test('the command line loads no work of a command, and no heavy library', () => {
  const modules = modulesOf('--version');
  assert.match(modules, /\/cli\/validate\/command\.ts\n/);
  assert.doesNotMatch(modules, /\/cli\/doctor\/(?!command\.ts)/);
  assert.doesNotMatch(modules, /\/cli\/validate\/validate\.ts|\/steps\/|\/checks\/|\/app\/run\.ts/);
  assert.doesNotMatch(modules, /\/cli\/inject\/(?!command|flags|modes)/);
  assert.doesNotMatch(modules, /\/node_modules\/(?:zod|ajv|js-yaml|picomatch|pino|fastify)\//);
});

test('a command loads its own work', () => {
  assert.match(modulesOf('validate', MAIN), /\/cli\/validate\/validate\.ts\n/);
});

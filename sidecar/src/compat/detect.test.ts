import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../cli/commands.ts';
import { RELOADER_FLAGS } from './configmap-reload/flags.ts';
import { detectReloader, RELOADERS } from './detect.ts';

const LASTGOOD = '/usr/local/lib/lastgood/lastgood.js';

function chosen(program: string, ...argv: string[]): string | undefined {
  return detectReloader(program, argv)?.name;
}

test('a program that is called by the name of a reloader takes every command line as its', () => {
  for (const { name } of RELOADERS)
    for (const argv of [[], ['--help'], ['validate', 'x'], ['--config', 'x']])
      assert.equal(chosen(`/bin/${name}`, ...argv), name);
});

test('a flag that only one reloader has says which is meant', () => {
  for (const name of Object.keys(RELOADER_FLAGS))
    for (const word of [`-${name}`, `--${name}`, `--${name}=x`])
      assert.equal(chosen(LASTGOOD, word), 'configmap-reload', word);
  assert.equal(chosen(LASTGOOD, '--shape', 'warn', '--volume-dir', 'x'), 'configmap-reload');
});

test("lastgood's own command lines stay as they are", () => {
  assert.equal(chosen(LASTGOOD), undefined);
  assert.equal(chosen(LASTGOOD, '--config', 'x', '--once'), undefined);
  assert.equal(chosen(LASTGOOD, '--schema', 'x'), undefined);
  assert.equal(chosen(LASTGOOD, '--', '--volume-dir'), undefined);
  for (const { name } of COMMANDS.filter((each) => each.name !== 'run'))
    assert.equal(chosen(LASTGOOD, ...name.split(' '), '--volume-dir=x'), undefined);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingOf } from '@lastgood/core/model/error.ts';
import { RELOADERS } from '../compat/detect.ts';
import { COMMANDS, NAMED_COMMANDS } from './commands.ts';
import { helpText, seeHelp } from './help.ts';
import { REPORT_FLAGS } from './report/flags.ts';
import { DEFAULT_CONFIG } from './run/command.ts';

const names = [...COMMANDS.map(({ name }) => name), 'schema'];
const texts = names.map((name) => [name, helpText(name)] as const);

for (const [name, text] of texts)
  test(`help of ${name} fits on a screen of 40 lines and 80 columns`, () => {
    const lines = text.split('\n');
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
  });

test('the hint of a finding about the use names the help of the command', () => {
  const usage = findingOf('LG_USAGE', ['unknown flag --webhok']);
  assert.equal(seeHelp('inject', usage).hint, 'see lastgood inject --help');
  assert.equal(seeHelp('run', usage).hint, 'see lastgood --help');
  const missing = findingOf('LG_SETTINGS_MISSING', ['/etc/lastgood/lastgood.yaml', 'ENOENT']);
  assert.equal(seeHelp('doctor', missing).hint, `${missing.hint}; see lastgood doctor --help`);
  const other = findingOf('LG_INPUT_UNREADABLE', ['ENOENT']);
  assert.equal(seeHelp('doctor', other), other);
});

test('help names every command, the default paths and the exit codes', () => {
  const words = [
    ...NAMED_COMMANDS.map(({ name }) => name),
    '--help',
    '--version',
    DEFAULT_CONFIG,
    '/lastgood/state',
    ':9533',
    ...RELOADERS.map(({ name }) => name),
    ...['0 ', '1 ', '2 '].map((code) => `\n  ${code}`),
  ];
  assert.deepEqual(
    words.filter((word) => !helpText('run').includes(word)),
    [],
  );
});

test('help of each command names the command and all its flags', () => {
  for (const { name, flags } of NAMED_COMMANDS) {
    assert.ok(helpText(name).startsWith(`Usage: lastgood ${name}`), name);
    assert.deepEqual(
      Object.keys(flags).filter((flag) => !helpText(name).includes(`  --${flag} `)),
      [],
      name,
    );
  }
});

test('help of schema names each of its commands, and no other', () => {
  const listed = helpText('schema').match(/^ {2}\S.*?(?= {2})/gm);
  assert.deepEqual(listed, ['  schema infer', '  schema check', '  schema export']);
});

test('help of validate names every output', () => {
  for (const output of REPORT_FLAGS.output.choices)
    assert.ok(helpText('validate').includes(output), output);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RELOADERS } from '../compat/detect.ts';
import { COMMANDS, DEFAULT_CONFIG, FLAGS } from './commands.ts';
import { helpText } from './help.ts';
import { OUTPUTS } from './report/outputs.ts';

const texts = COMMANDS.map(({ name }) => [name, helpText(name)] as const);

for (const [name, text] of texts)
  test(`help of ${name} fits on a screen of 40 lines and 80 columns`, () => {
    const lines = text.split('\n');
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    assert.deepEqual(
      lines.filter((line) => line.length > 80),
      [],
    );
  });

test('help names every command, the default paths and the exit codes', () => {
  const words = [
    ...COMMANDS.map(({ name }) => name).filter((name) => name !== 'run'),
    '--help',
    '--version',
    DEFAULT_CONFIG,
    '/lastgood/state',
    ':9533',
    ...RELOADERS.map(({ name }) => name),
    ...['0 ', '1 ', '2 '].map((code) => `\n  ${code}`),
  ];
  assert.deepEqual(
    words.filter((word) => !helpText().includes(word)),
    [],
  );
});

test('help of each command names all its flags, and each flag belongs to a command', () => {
  for (const { name, flags } of COMMANDS)
    assert.deepEqual(
      flags.filter((flag) => !helpText(name).includes(`--${flag} `)),
      [],
      name,
    );
  const taken: readonly string[] = COMMANDS.flatMap(({ flags }) => flags);
  assert.deepEqual(
    Object.keys(FLAGS).filter((flag) => !taken.includes(flag)),
    ['help', 'version'],
  );
});

test('help of validate names every output', () => {
  for (const output of OUTPUTS) assert.ok(helpText('validate').includes(output), output);
});

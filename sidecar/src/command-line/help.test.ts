import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONFIG } from './command-line.ts';
import { COMMANDS, FLAGS } from './commands.ts';
import { helpText } from './help.ts';

test('help fits on a screen of 40 lines and 80 columns', () => {
  const lines = helpText().split('\n');
  assert.ok(lines.length <= 40, `${lines.length} lines`);
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
  );
});

test('help names every command, every flag, the default paths and the exit codes', () => {
  const words = [
    ...COMMANDS.map(({ name }) => name).filter((name) => name !== 'run'),
    ...Object.keys(FLAGS).map((flag) => `--${flag}`),
    DEFAULT_CONFIG,
    '/lastgood/state',
    ':9533',
    ...['0 ', '1 ', '2 '].map((code) => `\n  ${code}`),
  ];
  assert.deepEqual(
    words.filter((word) => !helpText().includes(word)),
    [],
  );
});

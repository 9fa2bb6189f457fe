import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatEnding,
  formatExit,
  formatLine,
  MAX_LINE_LENGTH,
  plainLines,
} from './command-output.ts';
import type { Ending } from './run-command.ts';

test('a line of output cannot forge a line of a log, or change its direction', () => {
  const output = '\x1b[31mred\x1b[0m\tone \r\n\n \rtwo\u2028three\u202e\u0000four\n';
  assert.deepEqual(plainLines(output), ['red one', 'twothreefour']);
});

test('a line that is too long is cut with an ellipsis, and never within a character', () => {
  const fits = 'x'.repeat(MAX_LINE_LENGTH);
  assert.equal(formatLine(` ${fits} `), fits);
  assert.equal(formatLine(`${fits}y`), `${fits}…`);
  for (const lead of ['', 'x']) assert.ok(formatLine(`${lead}${'😀'.repeat(300)}`).isWellFormed());
});

test('the end of a command is described, with its last line unless the bundle is secret', () => {
  for (const [ending, words] of [
    [{ type: 'exited', code: 3 }, 'exited with code 3'],
    [{ type: 'killed', signal: 'SIGSEGV' }, 'was killed by SIGSEGV'],
    [
      { type: 'killed', signal: 'SIGKILL' },
      'was killed by SIGKILL, as the kernel does when memory runs out',
    ],
    [{ type: 'too-slow' }, 'did not end within 10s'],
    [{ type: 'not-started', reason: 'E2BIG' }, 'cannot be started: E2BIG'],
  ] as const satisfies readonly [Ending, string][])
    assert.equal(formatEnding(ending, 10_000), words);
  const ended = { ending: { type: 'exited', code: 1 }, output: 'one\nhunter2\n\n' } as const;
  const reason = (sealed: boolean) => formatExit(ended, { timeoutMs: 10_000, sealed });
  assert.equal(reason(false), 'exited with code 1: hunter2');
  assert.equal(reason(true), 'exited with code 1', 'P8');
});

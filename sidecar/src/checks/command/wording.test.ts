import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { fileOf, snapshotOf } from '../../steps/validate/snapshot.testing.ts';
import { findingsOf } from './wording.ts';

const ROOT = '/state/exec/lastgood-exec-x1';
const STAGE = { root: ROOT, dir: `${ROOT}/files`, scratch: `${ROOT}/scratch` };
const LINES = 'x\n'.repeat(20);
const FILES = ['main.conf', 'conf.d/app.yml', 'check.py', 'port'].map((path) =>
  fileOf(path, LINES),
);

/** What people read of a command that ended with 1 and wrote these lines; `@` is the copy. */
function saidOf(lines: readonly string[], secret = false): readonly string[] {
  const snapshot = snapshotOf(...FILES, fileOf('token', 'hunter2\n', secret));
  const output = lines.join('\n').replaceAll('@', STAGE.dir);
  const run = { program: 'tool', timeoutMs: 1, snapshot, stage: STAGE };
  const findings = findingsOf({ ending: { type: 'exited', code: 1 }, output }, run);
  return findings.map((finding) => {
    const warns = finding.severity === 'warning' ? 'warning ' : '';
    return `${warns}${formatFinding(finding)}`.replace(' [LG_VALIDATE_EXEC]', '');
  });
}

const WAYS: readonly (readonly [what: string, lines: readonly string[], ...said: string[]])[] = [
  [
    'time, level, process id and program in front of a line are left out',
    [
      'tool: [emerg] unknown directive "a" in @/main.conf:3',
      '2026/01/02 03:04:05 [emerg] 12#12: unknown directive "b" in @/main.conf:4',
      '[ALERT]    (123) : parsing [@/main.conf:7] : unknown keyword',
    ],
    'main.conf:3: tool says: unknown directive "a" in main.conf:3',
    'main.conf:4: tool says: unknown directive "b" in main.conf:4',
    'main.conf:7: tool says: parsing [main.conf:7] : unknown keyword',
  ],
  [
    'the line and column may be in brackets, or in words',
    [
      'main.conf(3,2): bad',
      'Syntax error on line 4 of @/main.conf:',
      './main.conf: line 5, column 1: no',
    ],
    'main.conf:3:2: tool says: main.conf(3,2): bad',
    'main.conf:4: tool says: Syntax error on line 4 of main.conf:',
    'main.conf:5:1: tool says: main.conf: line 5, column 1: no',
  ],
  [
    'lines without a file name belong to the file that was named last',
    ['FAILED: parsing @/conf.d/app.yml: errors:', '  line 3: field a', '  line 9: field b'],
    'conf.d/app.yml:3: tool says: field a',
    'conf.d/app.yml:9: tool says: field b',
  ],
  [
    'of a traceback, the error is reported, at the innermost frame',
    [
      'Traceback (most recent call last):',
      '  File "@/check.py", line 9, in <module>',
      '    load()',
      '  File "@/check.py", line 3, in load',
      '    raise ValueError("odd")',
      'ValueError: odd',
    ],
    'check.py:3: tool says: ValueError: odd',
  ],
  [
    'of a stack, the steps are left out',
    ['file://@/main.conf:2', 'x', '^', 'SyntaxError: no', '    at load (file://@/main.conf:7:1)'],
    'main.conf:2: tool says: SyntaxError: no',
  ],
  [
    'what it only warns of is a warning beside the error',
    [
      '[WARNING] (1) : [@/main.conf:3] : old keyword',
      '[ALERT] (1) : no backend',
      'Fatal errors found',
    ],
    'tool says: no backend',
    'warning main.conf:3: tool says: [main.conf:3] : old keyword',
  ],
  [
    'a note is not the reason for a refusal',
    [
      '[NOTICE] (1) : unknown host, all expected',
      'a backend is odd',
      'main.conf:3: note: see here',
    ],
    'tool says: a backend is odd',
    'warning main.conf:3: tool says: note: see here',
  ],
  [
    'without a line number, the first line that looks like an error is reported',
    ['reading', '  ERROR: no such backend', 'usage: tool FILE'],
    'tool says: ERROR: no such backend',
  ],
  [
    'if no line looks like an error, the last one is reported',
    ['reading', 'odd'],
    'tool says: odd',
  ],
  [
    'a line that the file does not have is no place',
    ['@/main.conf:22: error', '@/main.conf:21:1: error', '@/main.conf:0: error'],
    'main.conf:21:1: tool says: error',
  ],
  [
    'a word that is also the name of a file is no place',
    ['error: port:8'],
    'tool says: error: port:8',
  ],
  [
    'a long line is shortened',
    [`error ${'x'.repeat(400)}`],
    `tool says: error ${'x'.repeat(294)}…`,
  ],
  [
    'a repeated line is reported once',
    ['main.conf:1: a', 'main.conf:1: a'],
    'main.conf:1: tool says: a',
  ],
];

for (const [what, lines, ...expected] of WAYS)
  test(what, () => assert.deepEqual(saidOf(lines), expected));

test('of many places, the first twenty are reported and the rest is counted', () => {
  const lines = Array.from({ length: 50 }, (_, index) => `main.conf:1: error ${index}`);
  const said = saidOf(lines);
  assert.equal(said.length, 21);
  assert.equal(said.at(-1), '30 more findings are not shown [LG_VALIDATE_TOO_MANY]');
});

test('P8: beside a secret, the output of no program is shown, whatever form they have', () => {
  for (const [, lines] of WAYS) {
    const said = saidOf(
      lines.map((line) => `${line} hunter2`),
      true,
    );
    for (const line of said)
      assert.match(line, /^(?:warning )?(?:[\w./]+:(?:\d+:){0,2} )?tool exited with code 1$/);
  }
});

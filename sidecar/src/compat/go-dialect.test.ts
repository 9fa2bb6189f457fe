import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CompatFlags, parseFlags } from './flags.ts';
import { GO } from './go-dialect.ts';

const FLAGS: CompatFlags = {
  dir: { kind: 'list', help: 'a directory' },
  method: { kind: 'text', help: 'a method', default: 'POST' },
  count: { kind: 'int', help: 'a number', default: '1' },
  once: { kind: 'bool', help: 'and end' },
  url: {
    kind: 'list',
    help: 'a URL',
    sealed: true,
    problem: (value) => (value.startsWith('http') ? undefined : 'invalid URL'),
  },
};

const read: [string, Record<string, string[]>, string[]][] = [
  ['', {}, []],
  ['-dir a --dir b -dir=c --dir=d', { dir: ['a', 'b', 'c', 'd'] }, []],
  ['-dir= --method=', { dir: [''], method: [''] }, []],
  ['--method GET --method=PUT', { method: ['GET', 'PUT'] }, []],
  ['--method=a=b', { method: ['a=b'] }, []],
  // What follows a flag is its value, a dash or not.
  ['--dir --once', { dir: ['--once'] }, []],
  ['--dir -- --once', { dir: ['--'], once: ['true'] }, []],
  ['--once --dir a', { once: ['true'], dir: ['a'] }, []],
  ['--once=F --once=T', { once: ['false', 'true'] }, []],
  ['--once false', { once: ['true'] }, ['false']],
  ['--dir a -- --dir b', { dir: ['a'] }, ['--dir', 'b']],
  ['--dir a word --dir b', { dir: ['a'] }, ['word', '--dir', 'b']],
  ['--dir a - --dir b', { dir: ['a'] }, ['-', '--dir', 'b']],
  ['--count -3', { count: ['-3'] }, []],
  ['--count=0x1F --count=0b11 --count=0o17', { count: ['31', '3', '15'] }, []],
  ['--count=017 --count=1_000 --count=+7', { count: ['15', '1000', '7'] }, []],
  ['--count=0 --count=9223372036854775807', { count: ['0', '9223372036854775807'] }, []],
];

for (const [line, values, rest] of read)
  test(`"${line}" is read as Go reads it`, () => {
    const parsed = parseFlags(line.split(' ').filter(Boolean), FLAGS, GO);
    assert.ok(parsed.ok);
    assert.deepEqual(Object.fromEntries(parsed.values), values);
    assert.deepEqual(parsed.rest, rest);
  });

const refused: [string, string][] = [
  ['-x', 'flag provided but not defined: -x'],
  ['--x=1', 'flag provided but not defined: -x'],
  ['--no-once', 'flag provided but not defined: -no-once'],
  ['--dir', 'flag needs an argument: -dir'],
  ['---dir', 'bad flag syntax: ---dir'],
  ['--=a', 'bad flag syntax: --=a'],
  ['-=a', 'bad flag syntax: -=a'],
  ['--once=yes', 'invalid boolean value "yes" for -once: parse error'],
  ['--count=x', 'invalid value "x" for flag -count: parse error'],
  ['--count=1.5', 'invalid value "1.5" for flag -count: parse error'],
  ['--count=08', 'invalid value "08" for flag -count: parse error'],
  ['--count=1__0', 'invalid value "1__0" for flag -count: parse error'],
  ['--count=12a', 'invalid value "12a" for flag -count: parse error'],
  ['--count=0b12', 'invalid value "0b12" for flag -count: parse error'],
  [
    '--count=9223372036854775808',
    'invalid value "9223372036854775808" for flag -count: value out of range',
  ],
  ['--url=ftp', 'invalid value "(not shown)" for flag -url: invalid URL'],
  ['--count=x --help', 'invalid value "x" for flag -count: parse error'],
  ['--help --count=x', 'help'],
  ['-h', 'help'],
];

for (const [line, message] of refused)
  test(`"${line}" is refused as Go refuses it`, () => {
    assert.deepEqual(parseFlags(line.split(' '), FLAGS, GO), { ok: false, problem: message });
  });

test('P8: no message repeats what may be a password', () => {
  const url = 'http://user:canary@host/';
  for (const word of [`-${url}`, `--${url}=1`, `---${url}`, `--count=${url}`, `--once=${url}`]) {
    const parsed = parseFlags([word], FLAGS, GO);
    assert.ok(!parsed.ok);
    assert.doesNotMatch(parsed.problem, /canary/, word);
  }
});

test('the usage names every flag with its kind, what it is for, and its default', () => {
  assert.equal(
    GO.usage('program', FLAGS),
    [
      'Usage of program:',
      '  -count int',
      '    \ta number (default 1)',
      '  -dir value',
      '    \ta directory',
      '  -method string',
      '    \ta method (default "POST")',
      '  -once',
      '    \tand end',
      '  -url value',
      '    \ta URL',
      '',
    ].join('\n'),
  );
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prometheusConfigReloader } from '../../../sidecar/src/compat/prometheus-config-reloader/prometheus-config-reloader.ts';
import { PROGRAMS, type Program } from './program.ts';
import { ran } from './stand.ts';

/** What a command line ends with, and what it says on standard output and standard error. */
type Case = readonly [args: string, status: number, stdout: RegExp, stderr?: RegExp];

const [LASTGOOD] = PROGRAMS as [Program];

const NOTHING = /^$/;

const SAME: readonly Case[] = [
  ['--nope', 2, /^unknown long flag '--nope'\n$/],
  ['--nope=x', 2, /^unknown long flag '--nope'\n$/],
  ['-x', 2, /^unknown short flag '-x'\n$/],
  ['stray', 2, /^unexpected stray\n$/],
  ['-- stray', 2, /^unexpected stray\n$/],
  ['--config-file', 2, /^expected argument for flag '--config-file'\n$/],
  ['--config-file --version', 2, /^expected argument for flag '--config-file'\n$/],
  ['--config-file=a --config-file=b', 2, /^flag 'config-file' cannot be repeated\n$/],
  ['--watch-interval=abc', 2, /^time: invalid duration "abc"\n$/],
  ['--delay-interval=3', 2, /^time: missing unit in duration "3"\n$/],
  ['--retry-interval=3x', 2, /^time: unknown unit "x" in duration "3x"\n$/],
  ['--reload-timeout=', 2, /^time: invalid duration ""\n$/],
  ['--reload-method=foo', 2, /^enum value must be one of http,signal, got 'foo'\n$/],
  ['--auto-gomemlimit-ratio=x', 2, /^strconv\.ParseFloat: parsing "x": invalid syntax\n$/],
  ['--log-level=loud', 1, NOTHING, /log_level loud unknown, \[all debug info warn error none\]/],
  [
    '--log-format=xml',
    1,
    NOTHING,
    /log format xml unknown, \[logfmt json\] are possible values\n$/,
  ],
  ['--help', 0, NOTHING, /^usage: prometheus-config-reloader \[<flags>\]\n/],
  ['--watch-interval=abc --help', 0, NOTHING, /--config-envsubst-file/],
  ['--nope --help', 2, /^unknown long flag '--nope'\n$/],
  ['--version', 0, /^prometheus-config-reloader, /],
  ['--config-file=/nowhere/a', 1, /(?:)/],
  ['--watched-dir /nowhere', 1, /(?:)/],
  ['--config-file=/dev/null --web-config-file=/nowhere --listen-address=127.0.0.1:0', 2, /(?:)/],
];

/** lastgood is only started where its answer is not that of the flags alone: each start takes its time. */
function endOf(program: Program, args: readonly string[]): ReturnType<typeof ran> {
  const asked = prometheusConfigReloader.read(args, {});
  if (program !== LASTGOOD || !('exitCode' in asked)) return ran(program, args);
  return { status: asked.exitCode, stdout: asked.stdout, stderr: asked.stderr };
}

/** Adds a flag that only this reloader has, so that lastgood recognizes it under any name. */
function argsOf(program: Program, line: string): string[] {
  const args = line.split(' ');
  return program.name === 'lastgood' ? ['--process-executable-name=x', ...args] : args;
}

for (const program of PROGRAMS)
  for (const [line, status, stdout, stderr = /(?:)/] of SAME)
    test(`${program.name} ${line}`, () => {
      const end = endOf(program, argsOf(program, line));
      assert.equal(end.status, status, JSON.stringify(end));
      assert.match(end.stdout, stdout);
      assert.match(end.stderr, stderr);
    });

/** Where lastgood differs; differences.ts says why. */
const OURS: readonly Case[] = [
  ['--listen-address=127.0.0.1:0', 2, /^nothing to be watched: /],
  ['--config-file=a --retry-interval=-1s', 2, /^duration "-1s" is less than 0\n$/],
  ['-config-file /nowhere/a', 1, NOTHING, /add config file \/nowhere\/a to watcher: no such file/],
  ['--watched-dir=/nowhere', 1, NOTHING, /add directory \/nowhere to watcher: no such file/],
  ['--reload-url=ftp://h/', 2, /^invalid URL: it must begin with http:\/\/ or https:\/\/\n$/],
  [
    '--config-file=/dev/null --listen-address=nowhere',
    2,
    NOTHING,
    /^lastgood: --listen-address: listen must be "host:port"/,
  ],
  [
    '--config-file=a --delay-interval=3',
    2,
    /^time: missing unit in duration "3"\n$/,
    /^lastgood: --delay-interval: time: missing unit in duration "3" \[LG_USAGE\]\n$/,
  ],
];

for (const [line, status, stdout, stderr = /(?:)/] of OURS)
  test(`lastgood alone: ${line}`, () => {
    const end = endOf(LASTGOOD, line.split(' '));
    assert.equal(end.status, status, JSON.stringify(end));
    assert.match(end.stdout, stdout);
    assert.match(end.stderr, stderr);
  });

test('P8: no message of a wrong command line shows a password', () => {
  const password = 'hunter2';
  for (const line of [
    `--reload-url=http://u:${password}@%zz/`,
    `--reload-url=ftp://u:${password}@h/`,
    `--config-file=x http://u:${password}@h/`,
    `--config-file=x --http://u:${password}@h/`,
    `--config-file=x --version=http://u:${password}@h/`,
  ]) {
    const { status, stdout, stderr } = endOf(LASTGOOD, line.split(' '));
    assert.notEqual(status, 0, line);
    assert.doesNotMatch(stdout + stderr, /hunter2/, line);
  }
});

test('explain prints the settings for the flags, and no password', () => {
  const [file, ...before] = LASTGOOD.command;
  const explain: Program = { name: 'lastgood', command: [file, ...before, 'explain'] };
  const flags = [
    '--config-file=/in/p.yaml',
    '--reload-url=http://u:hunter2@prometheus:9090/-/reload',
  ];
  const { status, stdout, stderr } = ran(explain, flags);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /^bundles:\n {2}- name: config\n {4}volumes:\n {6}- path: \/in\/p\.yaml\n/m);
  assert.match(stdout, /tellAtStart: true/);
  assert.doesNotMatch(stdout, /hunter2/);
});

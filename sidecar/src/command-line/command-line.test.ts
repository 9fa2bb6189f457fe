import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ValidateRequest } from '../validate-command/request.ts';
import { type CommandLine, DEFAULT_CONFIG, parseCommandLine } from './command-line.ts';

const run = (config = DEFAULT_CONFIG, once = false): CommandLine => ({
  ok: true,
  command: 'run',
  config,
  once,
});

const validate = (inputs: string[], rest: Partial<ValidateRequest> = {}): CommandLine => ({
  ok: true,
  command: 'validate',
  request: {
    inputs,
    config: undefined,
    bundle: undefined,
    schemas: [],
    formats: [],
    secret: false,
    strict: false,
    output: 'human',
    ...rest,
  },
});

const asked: [string[], CommandLine][] = [
  [[], run()],
  [['--config', 'a.yaml'], run('a.yaml')],
  [['--config=a.yaml', '--once'], run('a.yaml', true)],
  [['--once', '--config', 'a.yaml', '--config', 'b.yaml'], run('b.yaml', true)],
  [['--config=--once'], run('--once')],
  [['--help'], { ok: true, command: 'help', about: 'run' }],
  [['settings-schema', '-h'], { ok: true, command: 'help', about: 'settings-schema' }],
  [['--once', '--version'], { ok: true, command: 'version' }],
  [['validate', 'a.yaml', '-'], validate(['a.yaml', '-'])],
  [['validate', '--', '--odd.yaml'], validate(['--odd.yaml'])],
  [['--strict', 'validate', '.', '--secret'], validate(['.'], { strict: true, secret: true })],
  [
    ['validate', 'd', '--schema', 'a.json', '--schema=*.yaml=b.json', '--format', 'x=yaml'],
    validate(['d'], { schemas: ['a.json', '*.yaml=b.json'], formats: ['x=yaml'] }),
  ],
  [
    ['validate', 'd', '--config', 'c.yaml', '--bundle', 'b', '--output', 'sarif'],
    validate(['d'], { config: 'c.yaml', bundle: 'b', output: 'sarif' }),
  ],
  [
    ['validate', 'd', '--output', 'json', '--output', 'junit'],
    validate(['d'], { output: 'junit' }),
  ],
  [['validate', '--help'], { ok: true, command: 'help', about: 'validate' }],
  [['validte', '--help'], { ok: true, command: 'help', about: 'run' }],
  [['settings-schema'], { ok: true, command: 'settings-schema' }],
];

for (const [argv, expected] of asked)
  test(`lastgood ${argv.join(' ')} is understood`, () => {
    assert.deepEqual(parseCommandLine(argv, {}), expected);
  });

const misused: [string[], string][] = [
  [['--confg', 'a.yaml'], 'unknown flag --confg, did you mean "--config"?'],
  [['--frobnicate'], 'unknown flag --frobnicate'],
  [['-x'], 'unknown flag -x'],
  [['--no-once'], 'unknown flag --no-once'],
  [['--__proto__'], 'unknown flag --__proto__'],
  [['--config'], '--config needs a value'],
  [['--config='], '--config needs a value'],
  [['--config', '--once'], '--config needs a value'],
  [['--once=true'], '--once takes no value'],
  [['setings-schema'], 'unknown command "setings-schema", did you mean "settings-schema"?'],
  [['http://user:secret@host/'], 'unknown command text'],
  [['run'], 'unknown command "run"'],
  [['settings-schema', 'more'], 'unexpected argument "more"'],
  [['validate'], 'validate needs a file, a directory, or - for standard input'],
  [['validate', 'a', '--once'], 'validate takes no --once'],
  [['--strict'], 'run takes no --strict'],
  [['validate', 'a', '--shema', 's.json'], 'unknown flag --shema, did you mean "--schema"?'],
  [['validate', 'a', '--schema', '--strict'], '--schema needs a value'],
  [
    ['validate', 'a', '--output', 'sarf'],
    '--output must be one of human, json, github, sarif, junit (is "sarf"), did you mean "sarif"?',
  ],
  [['validat', 'a'], 'unknown command "validat", did you mean "validate"?'],
  [['settings-schema', '--once'], 'settings-schema takes no --once'],
];

for (const [argv, message] of misused)
  test(`lastgood ${argv.join(' ')} is refused`, () => {
    const parsed = parseCommandLine(argv, {});
    assert.ok(!parsed.ok);
    assert.equal(parsed.finding.code, 'LG_USAGE');
    assert.equal(parsed.finding.message, message);
  });

test('LASTGOOD_CONFIG stands in for --config, and --config wins', () => {
  const env = { LASTGOOD_CONFIG: 'env.yaml' };
  assert.deepEqual(parseCommandLine([], env), run('env.yaml'));
  assert.deepEqual(parseCommandLine(['--config', 'a.yaml'], env), run('a.yaml'));
});

test('LASTGOOD_CONFIG is of the pod, and says nothing to validate', () => {
  assert.deepEqual(
    parseCommandLine(['validate', 'a'], { LASTGOOD_CONFIG: 'env.yaml' }),
    validate(['a']),
  );
});

test('an empty LASTGOOD_CONFIG is as good as none', () => {
  assert.deepEqual(parseCommandLine([], { LASTGOOD_CONFIG: '' }), run());
});

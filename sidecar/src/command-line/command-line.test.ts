import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommandLine, DEFAULT_CONFIG, parseCommandLine } from './command-line.ts';

const run = (config = DEFAULT_CONFIG, once = false): CommandLine => ({
  ok: true,
  command: 'run',
  config,
  once,
});

const asked: [string[], CommandLine][] = [
  [[], run()],
  [['--config', 'a.yaml'], run('a.yaml')],
  [['--config=a.yaml', '--once'], run('a.yaml', true)],
  [['--once', '--config', 'a.yaml', '--config', 'b.yaml'], run('b.yaml', true)],
  [['--config=--once'], run('--once')],
  [['--help'], { ok: true, command: 'help' }],
  [['settings-schema', '-h'], { ok: true, command: 'help' }],
  [['--once', '--version'], { ok: true, command: 'version' }],
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

test('an empty LASTGOOD_CONFIG is as good as none', () => {
  assert.deepEqual(parseCommandLine([], { LASTGOOD_CONFIG: '' }), run());
});

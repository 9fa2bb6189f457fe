import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from './parse-command-line.ts';
import { DEFAULT_CONFIG } from './run/command.ts';
import type { ValidateRequest } from './validate/flags.ts';

/** A parsed command line, with the command by its name. */
function parse(argv: readonly string[], env: Record<string, string> = {}): unknown {
  const line = parseCommandLine(argv, env);
  return line.kind === 'command' ? { command: line.command.name, ...line.input } : line;
}

const run = (config = DEFAULT_CONFIG, once = false) => ({
  command: 'run',
  operands: [],
  flags: { config, once },
});

const validate = (operands: string[], { inputs: _, ...flags }: Partial<ValidateRequest> = {}) => ({
  command: 'validate',
  operands,
  flags: {
    config: undefined,
    bundle: undefined,
    at: undefined,
    schema: [],
    rule: [],
    format: [],
    'shape-of': undefined,
    shape: undefined,
    exec: false,
    secret: false,
    strict: false,
    output: 'human',
    ...flags,
  },
});

const infer = (operands: string[], flags: Record<string, unknown> = {}) => ({
  command: 'schema infer',
  operands,
  flags: {
    keys: false,
    open: false,
    closed: false,
    secret: false,
    format: 'auto',
    output: undefined,
    force: false,
    ...flags,
  },
});

const asked: [string[], unknown][] = [
  [[], run()],
  [['--config', 'a.yaml'], run('a.yaml')],
  [['--config=a.yaml', '--once'], run('a.yaml', true)],
  [['--once', '--config', 'a.yaml', '--config', 'b.yaml'], run('b.yaml', true)],
  [['--config=--once'], run('--once')],
  [['--help'], { kind: 'help', about: 'run' }],
  [['settings-schema', '-h'], { kind: 'help', about: 'settings-schema' }],
  [['--once', '--version'], { kind: 'version' }],
  [['validate', 'a.yaml', '-'], validate(['a.yaml', '-'])],
  [['validate', '--', '--odd.yaml'], validate(['--odd.yaml'])],
  [['--strict', 'validate', '.', '--secret'], validate(['.'], { strict: true, secret: true })],
  [
    ['validate', 'd', '--schema', 'a.json', '--schema=*.yaml=b.json', '--format', 'x=yaml'],
    validate(['d'], { schema: ['a.json', '*.yaml=b.json'], format: ['x=yaml'] }),
  ],
  [
    ['validate', 'd', '--config', 'c.yaml', '--bundle', 'b', '--output', 'sarif'],
    validate(['d'], { config: 'c.yaml', bundle: 'b', output: 'sarif' }),
  ],
  [
    ['validate', 'd', '--output', 'json', '--output', 'junit'],
    validate(['d'], { output: 'junit' }),
  ],
  [
    ['validate', 'd', '--rule', 'self.a == 1', '--rule=a.yaml=self.b', '--shape-of', '-'],
    validate(['d'], { rule: ['self.a == 1', 'a.yaml=self.b'], 'shape-of': '-' }),
  ],
  [
    ['validate', '-', '--config', 'c.yaml', '--at', 'db', '--exec'],
    validate(['-'], { config: 'c.yaml', at: 'db', exec: true }),
  ],
  [
    ['validate', 'd', '--shape-of', 'old', '--shape', 'same'],
    validate(['d'], { 'shape-of': 'old', shape: 'same' }),
  ],
  [['validate', '--config', 'c.yaml'], validate([], { config: 'c.yaml' })],
  [['schema', 'infer', 'a.yaml', 'b.yaml'], infer(['a.yaml', 'b.yaml'])],
  [
    ['schema', 'infer', 'd', '--keys', '--open', '--secret', '--output', 'o', '--force'],
    infer(['d'], { keys: true, open: true, secret: true, output: 'o', force: true }),
  ],
  [
    ['schema', 'check', 'a.json', '--strict', '--output', 'sarif'],
    { command: 'schema check', operands: ['a.json'], flags: { strict: true, output: 'sarif' } },
  ],
  [['schema', 'check', '--help'], { kind: 'help', about: 'schema check' }],
  [['validate', '--help'], { kind: 'help', about: 'validate' }],
  [['presets', '--help'], { kind: 'help', about: 'presets' }],
  [['schema', '--help'], { kind: 'help', about: 'schema' }],
  [['schema', 'infr', '-h'], { kind: 'help', about: 'schema' }],
  [['validte', '--help'], { kind: 'help', about: 'run' }],
  [['settings-schema'], { command: 'settings-schema', operands: [], flags: {} }],
];

for (const [argv, expected] of asked)
  test(`lastgood ${argv.join(' ')} is understood`, () => {
    assert.deepEqual(parse(argv), expected);
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
  [['validate', 'a', '--once'], 'validate does not take --once'],
  [['--strict'], 'lastgood without a command does not take --strict'],
  [['validate', 'a', '--shema', 's.json'], 'unknown flag --shema, did you mean "--schema"?'],
  [['validate', 'a', '--schema', '--strict'], '--schema needs a value'],
  [
    ['validate', 'a', '--output', 'sarf'],
    '--output must be one of human, json, github, sarif, junit (is "sarf"), did you mean "sarif"?',
  ],
  [['validat', 'a'], 'unknown command "validat", did you mean "validate"?'],
  [['validate', 'a', '--bundle', 'x'], '--bundle needs --config'],
  [['validate', 'a', '--exec'], '--exec needs --config'],
  [['validate', 'a', '--at', 'db'], '--at needs --config'],
  [['validate', 'a', '--shape', 'same'], '--shape needs --shape-of'],
  [
    ['validate', 'a', '--shape-of', 'b', '--shape', 'sane'],
    '--shape must be one of off, warn, compatible, same (is "sane"), did you mean "same"?',
  ],
  [['validate', '-', '--shape-of', '-'], 'standard input can only be read once'],
  [
    ['validate', '--config', 'c.yaml', '--rule', 'true'],
    '--rule needs a file, a directory, or - for standard input',
  ],
  [['schema'], 'unknown command "schema"'],
  [['schema', 'infr', 'a'], 'unknown command "schema infr", did you mean "schema infer"?'],
  [['schema', 'infer'], 'schema infer needs a file or directory known to be good'],
  [['schema', 'infer', 'a', '--force'], '--force needs --output'],
  [
    ['schema', 'infer', 'a', '--format', 'yml'],
    '--format must be one of auto, yaml, json, jsonc, json5, toml, ini, properties, env, shell, dockerconfigjson, dockercfg, pem, text, binary (is "yml"), did you mean "yaml"?',
  ],
  [['schema', 'check'], 'schema check needs a file with a JSON Schema'],
  [['schema', 'check', 'a', '--keys'], 'schema check does not take --keys'],
  [['settings-schema', '--once'], 'settings-schema does not take --once'],
];

for (const [argv, message] of misused)
  test(`lastgood ${argv.join(' ')} is refused`, () => {
    const parsed = parseCommandLine(argv, {});
    assert.ok(parsed.kind === 'wrong');
    assert.equal(parsed.finding.code, 'LG_USAGE');
    assert.equal(parsed.finding.message, message);
  });

test('wrong usage is about the command, or about all of them', () => {
  const cases: [string[], string][] = [
    [['inject', 'a', '--webhok', 'url'], 'inject'],
    [['schema', 'infer', 'a', '--force'], 'schema infer'],
    [['schema', 'infr'], 'schema'],
    [['validat', 'a'], 'run'],
    [['--strict'], 'run'],
  ];
  for (const [argv, about] of cases) {
    const parsed = parseCommandLine(argv, {});
    assert.equal(parsed.kind === 'wrong' && parsed.about, about, argv.join(' '));
  }
});

test('LASTGOOD_CONFIG replaces the default of --config, and --config wins', () => {
  const env = { LASTGOOD_CONFIG: 'env.yaml' };
  assert.deepEqual(parse([], env), run('env.yaml'));
  assert.deepEqual(parse(['--config', 'a.yaml'], env), run('a.yaml'));
});

test('validate ignores LASTGOOD_CONFIG, which is for the pod', () => {
  assert.deepEqual(parse(['validate', 'a'], { LASTGOOD_CONFIG: 'env.yaml' }), validate(['a']));
});

test('an empty LASTGOOD_CONFIG is ignored', () => {
  assert.deepEqual(parse([], { LASTGOOD_CONFIG: '' }), run());
});

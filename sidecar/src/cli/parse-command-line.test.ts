import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CONFIG } from './commands.ts';
import { type CommandLine, parseCommandLine } from './parse-command-line.ts';
import type { SchemaInferRequest } from './schema/request.ts';
import type { ValidateRequest } from './validate/request.ts';

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
    at: undefined,
    schemas: [],
    rules: [],
    formats: [],
    shapeOf: undefined,
    shape: undefined,
    exec: false,
    secret: false,
    strict: false,
    output: 'human',
    ...rest,
  },
});

const INFER: SchemaInferRequest = {
  paths: ['a.yaml', 'b.yaml'],
  keys: false,
  open: false,
  secret: false,
  format: 'auto',
  directory: undefined,
  force: false,
};

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
  [
    ['validate', 'd', '--rule', 'self.a == 1', '--rule=a.yaml=self.b', '--shape-of', '-'],
    validate(['d'], { rules: ['self.a == 1', 'a.yaml=self.b'], shapeOf: '-' }),
  ],
  [
    ['validate', '-', '--config', 'c.yaml', '--at', 'db', '--exec'],
    validate(['-'], { config: 'c.yaml', at: 'db', exec: true }),
  ],
  [
    ['validate', 'd', '--shape-of', 'old', '--shape', 'same'],
    validate(['d'], { shapeOf: 'old', shape: 'same' }),
  ],
  [['validate', '--config', 'c.yaml'], validate([], { config: 'c.yaml' })],
  [['schema', 'infer', 'a.yaml', 'b.yaml'], { ok: true, command: 'schema infer', request: INFER }],
  [
    ['schema', 'infer', 'd', '--keys', '--open', '--secret', '--output', 'o', '--force'],
    {
      ok: true,
      command: 'schema infer',
      request: {
        ...INFER,
        ...{ paths: ['d'], keys: true, open: true, secret: true, directory: 'o', force: true },
      },
    },
  ],
  [
    ['schema', 'check', 'a.json', '--strict', '--output', 'sarif'],
    {
      ok: true,
      command: 'schema check',
      request: { paths: ['a.json'], strict: true, output: 'sarif' },
    },
  ],
  [['schema', 'check', '--help'], { ok: true, command: 'help', about: 'schema check' }],
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
  [['schema', 'infer'], 'schema infer needs a file or a directory that is known to be good'],
  [['schema', 'infer', 'a', '--force'], '--force needs --output'],
  [
    ['schema', 'infer', 'a', '--format', 'yml'],
    '--format must be one of auto, yaml, json, jsonc, json5, toml, ini, properties, env, shell, dockerconfigjson, dockercfg, pem, text, binary (is "yml"), did you mean "yaml"?',
  ],
  [['schema', 'check'], 'schema check needs a file that holds a JSON Schema'],
  [['schema', 'check', 'a', '--keys'], 'schema check takes no --keys'],
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

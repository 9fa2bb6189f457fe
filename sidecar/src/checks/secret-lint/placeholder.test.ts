import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fc } from '../../../../test/property.ts';
import { placeholderIn } from './placeholder.ts';
import { TOKENS } from './tokens.testing.ts';

const PLACEHOLDER = 'is a placeholder; replace it with the real value';
const TEMPLATE = 'has a template that was not rendered';

/** As manuals and charts write them. */
const PLACEHOLDERS = [
  ...['CHANGE_ME', 'changeme', 'ChangeMe!', 'change-me', 'changeme123', 'CHANGE_ME_IN_PRODUCTION'],
  ...[
    'REPLACE_ME',
    'replaceme',
    'REPLACE-WITH-YOUR-KEY',
    'please_set_me',
    'INSERT_YOUR_TOKEN_HERE',
  ],
  ...['your-256-bit-secret-key-here', 'your-256-bit-secret', 'YOUR_API_KEY', 'yourpassword'],
  ...['AES256-encryption-key-here', 'MLFLOW_TOKEN_HERE', 'put-your-token-here', 'key here'],
  ...['AWS_ACCESS_KEY', 'AWS_SECRET_KEY', 'PROMETHEUS_TOKEN'],
  ...['<password>', '<your password here>', '<no value>', 'TODO', 'TODO: ask ops', 'FIXME', 'TBD'],
  ...['xxx', 'XXXXXXXX', 'sk-xxxx', 'AKIAXXXXXXXXXXXXXXXX', 'xxxx-xxxx-xxxx', '***', '????'],
  ...[
    '...',
    '…',
    'sk-...',
    'hf_...',
    'AKIA...',
    'prom-token-...',
    'webhook-secret-...',
    'sk-...ab12',
  ],
  ...['eyJrIjoiT...', 'https://hooks.slack.com/services/...'],
  ...['example', 'placeholder', 'example-token', 'dummy_api_key', 'token-placeholder'],
  ...['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'AKIAIOSFODNN7EXAMPLE'],
  'postgresql://ml_user:CHANGE_ME_IN_PRODUCTION@postgres-prod.svc.cluster.local:5432/ml',
  'redis://:changeme@redis:6379',
  'postgres://<user>:<password>@db/app',
];

const TEMPLATES = [
  ...[
    '{{ .Values.password }}',
    '{{password}}',
    'redis://:{{ pw }}@redis',
    '{% raw %}',
    `\${DB_PASSWORD}`,
  ],
  ...[
    `postgres://u:\${PW:-x}@db`,
    '$(DB_PASSWORD)',
    '$DB_PASSWORD',
    '%DB_PASSWORD%',
    '__DB_PASSWORD__',
  ],
];

/** Why each is none: real secrets that hold such a word, and settings. */
const REAL: Readonly<Record<string, readonly string[]>> = {
  'a password with such a word inside': [
    'xK9-changeme-7Qp!',
    'Todo2Tomorrow!',
    'my<3secret>9',
    'exampleXq7!placeholder9',
    'changeling-42-Fox',
    'yourselfIsEnough7',
    'wish-you-were-here',
    'P@ss...word9',
    '$2b$12$abcdefghijklmnopqrstuv',
    'a$b{c}d',
    'insettings',
    'putin',
  ],
  'plain, if weak': [
    'password',
    'mlflow-secret-password',
    'redis-secret-password',
    'admin',
    'hunter2',
  ],
  'the default of Java key stores': ['changeit'],
  'a setting': [
    ...['32', '512', 'true', '2e-5', 'INFO', 'bert-base-uncased', '1.0.0', 'redis:6379', 'add-in'],
    ...['http://mlflow-server:5000', 's3://ml-models/registry', '/models/checkpoints', 'us-east-1'],
    ...['https://registry.example.com', 'ops@example.com', 'sample', 'example-project', 'todo-app'],
    ...['postgresql://ml_user:P@ssw0rd@postgres:5432/ml_db', './...', 'Loading...', '---', 'xx'],
  ],
};

for (const value of PLACEHOLDERS)
  test(`${value} is a placeholder`, () => assert.equal(placeholderIn(value, true), PLACEHOLDER));

for (const value of TEMPLATES)
  test(`${value} is a template`, () => assert.equal(placeholderIn(value, true), TEMPLATE));

for (const [reason, values] of Object.entries(REAL))
  test(`${reason} is not a placeholder`, () => {
    for (const value of values) assert.equal(placeholderIn(value, true), undefined, value);
  });

test('a setting may be the name of a variable with a secret, and a secret is not', () => {
  assert.equal(placeholderIn('OPENAI_API_KEY', false), undefined);
  assert.equal(placeholderIn('OPENAI_API_KEY', true), PLACEHOLDER);
});

test('a value that SOPS encrypted is reported', () => {
  const value = 'ENC[AES256_GCM,data:CwE4O1s=,iv:2k=,tag:xx=,type:str]';
  assert.equal(placeholderIn(value, true), 'is still encrypted by SOPS');
});

test('no random token is taken for a placeholder', () => {
  for (const [kind, tokens] of Object.entries(TOKENS)) {
    const sample = fc.sample(tokens, { seed: 20_260_101, numRuns: 500 });
    const taken = sample.filter((token) => placeholderIn(token, true) !== undefined);
    assert.deepEqual(taken, [], kind);
  }
});

test('a value that is longer than any placeholder is not one', () => {
  assert.equal(placeholderIn(`<${'a'.repeat(500)}>`, true), PLACEHOLDER);
  assert.equal(placeholderIn(`<${'a'.repeat(600)}>`, true), undefined);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { KeysCheckSettings, RuleSettings } from '../../settings/settings.ts';
import { fileOf, ruleSettings, schemaFile, snapshotOf } from './snapshot.testing.ts';
import { createValidator } from './validator.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    MODEL_NAME: { type: 'string', minLength: 1 },
    BATCH_SIZE: { type: 'integer', minimum: 1, maximum: 512 },
    LEARNING_RATE: { type: 'number', exclusiveMinimum: 0 },
    GPU_ENABLED: { type: 'boolean' },
    LOG_LEVEL: { enum: ['DEBUG', 'INFO'] },
  },
  required: ['MODEL_NAME', 'BATCH_SIZE'],
  additionalProperties: false,
};

const GOOD = {
  MODEL_NAME: '0815',
  BATCH_SIZE: '32',
  LEARNING_RATE: '2e-5',
  GPU_ENABLED: 'true',
  LOG_LEVEL: 'INFO',
};

interface Asked {
  readonly keys?: string;
  readonly at?: string;
  readonly secret?: boolean;
  readonly rules?: readonly RuleSettings[];
  readonly before?: Readonly<Record<string, string>>;
}

async function saidOf(
  t: TestContext,
  content: Readonly<Record<string, string | Uint8Array>>,
  { keys = '*', at = '', secret = false, rules = [], before }: Asked = {},
): Promise<readonly string[]> {
  const check: KeysCheckSettings = { keys, schema: await schemaFile(t, SCHEMA), rules };
  const validate = await createValidator([check, { shape: 'off' }, { traps: 'off' }]);
  const snapshot = (of: Readonly<Record<string, string | Uint8Array>>) =>
    snapshotOf(...Object.entries(of).map(([key, text]) => fileOf(`${at}${key}`, text, secret)));
  const active = before === undefined ? null : snapshot(before);
  const { findings } = await validate(snapshot(content), { lastGood: active, active });
  return findings.map((finding) => formatFinding(finding).replace(/ \[LG_VALIDATE_\w+\]$/, ''));
}

test('keys are read as the types that the schema gives them', async (t) => {
  assert.deepEqual(await saidOf(t, GOOD), []);
  assert.deepEqual(await saidOf(t, { ...GOOD, BATCH_SIZE: '32\n', GPU_ENABLED: 'false' }), []);
});

test('what cannot be the type, or breaks a rule of it, is reported of the file of its key', async (t) => {
  assert.deepEqual(
    await saidOf(t, {
      ...GOOD,
      BATCH_SIZE: 'thirty-two',
      LEARNING_RATE: '0',
      GPU_ENABLED: 'yes',
      LOG_LEVEL: 'TRACE',
    }),
    [
      'BATCH_SIZE: must be integer (is "thirty-two")',
      'GPU_ENABLED: must be boolean (is "yes")',
      'LEARNING_RATE: must be > 0 (is 0)',
      'LOG_LEVEL: must be one of "DEBUG", "INFO" (is "TRACE")',
    ],
  );
});

test('a key that is missing and one that is misspelt are reported under their own names', async (t) => {
  const { BATCH_SIZE: _, ...rest } = GOOD;
  assert.deepEqual(await saidOf(t, { ...rest, BATCHSIZE: '32' }), [
    'BATCHSIZE: must not have the property "BATCHSIZE", did you mean "BATCH_SIZE"?',
    'BATCH_SIZE: is missing, and the schema requires it',
  ]);
});

for (const [what, text] of [
  ['hexadecimal digits', '0x20'],
  ['no digits at all', 'Infinity'],
  ['nothing', ''],
  ['an underscore', '1_000'],
] as const)
  test(`a number of ${what} is not a number`, async (t) => {
    const [said, ...others] = await saidOf(t, { ...GOOD, LEARNING_RATE: text });
    assert.match(String(said), /^LEARNING_RATE: must be (?:a decimal )?number/);
    assert.deepEqual(others, []);
  });

test('the directory of the glob is no part of the names', async (t) => {
  const asked = { keys: './env/*', at: 'env/' };
  assert.deepEqual(await saidOf(t, GOOD, asked), []);
  assert.deepEqual(await saidOf(t, { ...GOOD, BATCH_SIZE: '0' }, asked), [
    'env/BATCH_SIZE: must be >= 1 (is 0)',
  ]);
});

test('a key that is not text is reported, and nothing else', async (t) => {
  assert.deepEqual(await saidOf(t, { ...GOOD, MODEL_NAME: Buffer.from([0xff]) }), [
    'MODEL_NAME:1:1: is not valid UTF-8',
  ]);
});

test('rules see numbers, and the keys of the active version', async (t) => {
  const rules = [
    ruleSettings('self.BATCH_SIZE % 8 == 0', 'the batch must be a multiple of 8'),
    ruleSettings('self.BATCH_SIZE <= oldSelf.BATCH_SIZE * 2', 'at most twice as large at once'),
  ];
  assert.deepEqual(await saidOf(t, { ...GOOD, BATCH_SIZE: '200' }, { rules }), []);
  assert.deepEqual(await saidOf(t, { ...GOOD, BATCH_SIZE: '33' }, { rules, before: GOOD }), [
    'BATCH_SIZE: the batch must be a multiple of 8',
  ]);
  assert.deepEqual(await saidOf(t, { ...GOOD, BATCH_SIZE: '200' }, { rules, before: GOOD }), [
    'BATCH_SIZE: at most twice as large at once',
  ]);
});

test('a large integer keeps all of its digits', async (t) => {
  const large = { ...GOOD, BATCH_SIZE: '1161888007138312193\n' };
  assert.deepEqual(await saidOf(t, large), ['BATCH_SIZE: must be <= 512 (is 1161888007138312193)']);
  const size = { ...GOOD, LEARNING_RATE: '1161888007138312193' };
  const other = [ruleSettings('self.LEARNING_RATE == 1161888007138312192', 'is another one')];
  assert.deepEqual(await saidOf(t, size, { rules: other }), ['LEARNING_RATE: is another one']);
});

test('P8: for secret keys no value is shown', async (t) => {
  const rules = [ruleSettings('self.BATCH_SIZE > 64'), ruleSettings('self.nothing == 1')];
  const planted = { ...GOOD, MODEL_NAME: 'hunter2', BATCH_SIZE: '42' };
  const wrong = { ...planted, BATCH_SIZE: 'hunter2', LOG_LEVEL: 'hunter2', LEARNING_RATE: '0xabc' };
  for (const lines of [
    await saidOf(t, wrong, { secret: true }),
    await saidOf(t, planted, { secret: true, rules }),
  ]) {
    assert.ok(lines.length > 1);
    assert.doesNotMatch(lines.join('\n'), /hunter2|42|abc/);
  }
});

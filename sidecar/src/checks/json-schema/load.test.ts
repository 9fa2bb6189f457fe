import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { MODEL, MODEL_SCHEMA } from '../../steps/validate/model.testing.ts';
import { check, fileOf, saidOf, schemaFile } from '../../steps/validate/snapshot.testing.ts';
import { loadSchema } from './load.ts';

async function saidBy(t: TestContext, schema: unknown, content: string, path = 'config.yaml') {
  const lines = await saidOf(fileOf(path, content), [
    check(path, { schema: await schemaFile(t, schema) }),
  ]);
  return lines.map((line) => line.replace(' [LG_VALIDATE_SCHEMA]', '').replace('config.yaml:', ''));
}

/** The sound configuration with one place changed. */
function changed(from: string, to: string): string {
  assert.ok(MODEL.includes(from));
  return MODEL.replace(from, to);
}

test('the configuration of an inference server is accepted', async (t) => {
  assert.deepEqual(await saidBy(t, MODEL_SCHEMA, MODEL), []);
});

const BROKEN: readonly (readonly [from: string, to: string, ...said: string[]])[] = [
  [
    'max_batch_size: 64',
    'max_batch_size: 128',
    '21:21: /inference/batching/max_batch_size must be <= 64 (is 128)',
  ],
  ['num_labels: 2', 'num_labels: two', '4:15: /model/num_labels must be integer (is "two")'],
  ['num_labels: 2', 'num_labels:', '4:3: /model/num_labels must be integer (is null)'],
  ['num_labels: 2', 'num_labels: [2]', '4:15: /model/num_labels must be integer (is an array)'],
  [
    'precision: fp16',
    'precision: fp8',
    '17:14: /inference/precision must be one of "fp32", "fp16", "bf16", "int8" (is "fp8")',
  ],
  [
    'device: cuda:0',
    'device: gpu',
    '16:11: /inference/device must match pattern "^(cpu|cuda(:[0-9]+)?)$" (is "gpu")',
  ],
  [
    '  batch_size: 16',
    '  batchsize: 16',
    "13:1: /inference must have required property 'batch_size'",
    '14:3: /inference must not have the property "batchsize", did you mean "batch_size"?',
  ],
  [
    'checkpoint: s3://models/bert',
    'checkpoint: "http://u:hunter2@h/ x"',
    '5:15: /model/checkpoint must match format "uri" (is text)',
  ],
  [
    'api_key: abcdefghij',
    'api_key: hunter2',
    '28:12: /monitoring/api_key must have at least 8 characters',
  ],
  ['port: 9090', 'Port: 9090', '27:3: /monitoring key "Port" must match pattern "^[a-z_]+$"'],
  [
    'stop_words: [a, the]',
    'stop_words: [a, a]',
    '10:15: /preprocessing/stop_words must not have duplicate items (/0 and /1)',
  ],
  [
    'caching: { ttl_s: 60 }',
    'caching: { size: 60 }',
    "22:12: /inference/caching must have required property 'ttl_s'",
  ],
  [
    'caching: { ttl_s: 60 }',
    'caching: 60',
    '22:12: /inference/caching must be object or null (is 60)',
  ],
];

for (const [from, to, ...expected] of BROKEN)
  test(`"${to}" is found at its position`, async (t) => {
    assert.deepEqual(await saidBy(t, MODEL_SCHEMA, changed(from, to)), expected);
  });

test('every break of the schema is found in one go', async (t) => {
  const content = BROKEN.slice(0, 2).reduce((text, [from, to]) => text.replace(from, to), MODEL);
  assert.deepEqual(await saidBy(t, MODEL_SCHEMA, content), [
    '4:15: /model/num_labels must be integer (is "two")',
    '21:21: /inference/batching/max_batch_size must be <= 64 (is 128)',
  ]);
});

test('a file that has no value lacks what the schema requires', async (t) => {
  assert.deepEqual(await saidBy(t, MODEL_SCHEMA, 'null\n'), ['1:1: must be object (is null)']);
  assert.deepEqual(await saidBy(t, MODEL_SCHEMA, '{}\n'), [
    "1:1: must have required property 'model'",
    "1:1: must have required property 'inference'",
  ]);
});

test('JSON is checked with the schema like YAML', async (t) => {
  const content = '{\n  "model": {},\n  "inference": { "batch_size": 0 }\n}';
  assert.deepEqual(await saidBy(t, MODEL_SCHEMA, content, 'config.json'), [
    "config.json:2:12: /model must have required property 'name'",
    "config.json:2:12: /model must have required property 'task'",
    'config.json:3:32: /inference/batch_size must be >= 1 (is 0)',
  ]);
});

test('each document of a YAML file is checked with the schema', async (t) => {
  assert.deepEqual(await saidBy(t, { required: ['a'] }, 'a: 1\n---\nb: 2\n---\n'), [
    "3:1: must have required property 'a'",
  ]);
});

test('of alternatives, only what is wrong inside the fitting one is reported', async (t) => {
  const schema = {
    anyOf: [{ type: 'null' }, { $ref: '#/$defs/limits' }],
    $defs: { limits: { type: 'object', properties: { a: { type: 'integer' } } } },
  };
  assert.deepEqual(await saidBy(t, schema, 'a: x\n'), ['1:4: /a must be integer (is "x")']);
  assert.deepEqual(await saidBy(t, schema, '[]\n'), ['1:1: must be null or object (is an array)']);
});

test('a value that fits too many alternatives is reported', async (t) => {
  assert.deepEqual(await saidBy(t, { oneOf: [{ type: 'number' }, { minimum: 0 }] }, '5\n'), [
    '1:1: must match exactly one schema in oneOf (is 5)',
  ]);
});

test('a condition is reported by what is wrong, not by the word if', async (t) => {
  const schema = '{ "if": { "required": ["a"] }, "then": { "required": ["b"] } }';
  assert.deepEqual(await saidBy(t, schema, 'a: 1\n'), ["1:1: must have required property 'b'"]);
});

test('an array that contains nothing of a kind is reported once', async (t) => {
  assert.deepEqual(await saidBy(t, { contains: { type: 'string' } }, '[1, 2, 3]\n'), [
    '1:1: must contain at least 1 valid item(s)',
  ]);
});

test('long values and long lists of allowed values are shortened', async (t) => {
  const schema = { properties: { a: { enum: Array.from({ length: 30 }, (_, i) => i) } } };
  assert.deepEqual(await saidBy(t, schema, `a: ${'x'.repeat(100)}\n`), [
    `1:4: /a must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 20 more (is "${'x'.repeat(60)}…")`,
  ]);
});

test('a key cannot forge a line of the log', async (t) => {
  const [line] = await saidBy(t, { additionalProperties: { type: 'null' } }, '"a\\nb": 1\n');
  assert.equal(line, '1:9: /a\\nb must be null (is 1)');
});

test('keys with the signs of JSON pointer are located', async (t) => {
  const schema = { additionalProperties: { additionalProperties: false } };
  assert.deepEqual(await saidBy(t, schema, 'a/b:\n  c~d: 1\n'), [
    '2:3: /a/b must not have the property "c~d"',
  ]);
});

test('what every object inherits is neither required nor present', async (t) => {
  const schema = { properties: { constructor: { type: 'string' } }, required: ['toString'] };
  assert.deepEqual(await saidBy(t, schema, 'a: 1\n'), [
    "1:1: must have required property 'toString'",
  ]);
});

test('a schema that goes round in circles for some values is at fault itself', async (t) => {
  const schema = { items: { $ref: '#/$defs/a' }, $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } };
  assert.deepEqual(await saidBy(t, schema, 'a: 1\n'), []);
  assert.deepEqual(await saidBy(t, schema, '- 1\n'), [
    '1:1: the schema refers to itself without end [LG_VALIDATE_SCHEMA_FAULT]',
  ]);
});

test('a schema that refers to itself for what is inside is sound', async (t) => {
  const schema = {
    $dynamicAnchor: 'node',
    properties: { name: { type: 'string' }, children: { items: { $dynamicRef: '#node' } } },
  };
  assert.deepEqual(await saidBy(t, schema, 'children: [{ children: [{ name: 1 }] }]\n'), [
    '1:33: /children/0/children/0/name must be string (is 1)',
  ]);
});

test('a text file with a schema is checked with it as one string', async (t) => {
  const schema = { type: 'string', pattern: '^[a-z]+$' };
  assert.deepEqual(await saidBy(t, schema, 'abc', 'name'), []);
  assert.equal((await saidBy(t, schema, 'ABC', 'name')).length, 1);
});

test('a schema that is fast for any value is checked without a time limit', async (t) => {
  const isCheap = async (schema: unknown) =>
    (await loadSchema(await schemaFile(t, schema), readFile)).cost !== undefined;
  assert.equal(await isCheap(MODEL_SCHEMA), true);
  assert.equal(await isCheap({ pattern: '^(a+)+$' }), false);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { fc } from '../../../../../test/property.ts';
import { SCHEMA_FORMATS } from '../../../checks/json-schema/formats.ts';
import {
  type InferRules,
  type InferredSchema,
  inferSchema,
  WRITTEN_FRACTION,
} from './infer-schema.ts';

function inferred(...examples: unknown[]): InferredSchema {
  return inferSchema(examples, { closed: true });
}

/** Of a key `it`, so that the top is no dictionary. */
function inferredOf(...examples: unknown[]): unknown {
  const { properties } = inferred(...examples.map((it) => ({ it }))) as {
    properties: { it: unknown };
  };
  return properties.it;
}

/** One for all: to make one takes longer than to compile a schema, which it does once. */
const ajv = new Ajv2020({ strict: false, ownProperties: true });
formats.default(ajv);
for (const [name, { pattern }] of Object.entries(SCHEMA_FORMATS)) ajv.addFormat(name, pattern);

function accepts(schema: InferredSchema, value: unknown): boolean {
  return ajv.validate(schema, value);
}

const KINDS: readonly (readonly [what: string, examples: readonly unknown[], schema: object])[] = [
  ['text', ['a', ''], { type: 'string' }],
  ['whole numbers', [1, -2], { type: 'integer' }],
  ['a whole number and a fraction', [1, 0.5], { type: 'number' }],
  ['a whole number that is written as a fraction', [WRITTEN_FRACTION], { type: 'number' }],
  ['true', [true], { type: 'boolean' }],
  ['nothing but null', [null], {}],
  ['a number without end', [1, Number.POSITIVE_INFINITY], {}],
  ['null beside text', ['a', null], { type: ['string', 'null'] }],
  ['several types', ['a', 1, false], { type: ['string', 'integer', 'boolean'] }],
  ['an empty list', [[]], { type: 'array' }],
  ['an empty mapping', [{}], { type: 'object' }],
  ['a list', [[1], [0.5, 2]], { type: 'array', items: { type: 'number' }, minItems: 1 }],
  ['a list that may be empty', [[1], []], { type: 'array', items: { type: 'integer' } }],
  [
    'a list of mappings',
    [[{ a: 1 }, { a: 2, b: 'x' }]],
    {
      type: 'array',
      items: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'string' } },
        required: ['a'],
        additionalProperties: false,
      },
      minItems: 1,
    },
  ],
];

for (const [what, examples, schema] of KINDS)
  test(`what is learnt of ${what}`, () => assert.deepEqual(inferredOf(...examples), schema));

const FORMATS: readonly (readonly [texts: readonly string[], format: string | undefined])[] = [
  [['http://a:8080/x', 's3://models/bert'], 'uri'],
  [['2026-01-01T00:00:00Z'], 'date-time'],
  [['30s', '5m'], 'go-duration'],
  [['2Gi', '512Mi', '1'], 'quantity'],
  [['5m'], undefined],
  [['100m', '2'], undefined],
  [['2026-01-01'], undefined],
  [['http://a', ''], undefined],
  [['http://a b'], undefined],
  [['mailto:a'], undefined],
  [['1.2.3'], undefined],
  [['13B'], undefined],
];

for (const [texts, format] of FORMATS)
  test(`the texts ${JSON.stringify(texts)} have the format ${format}`, () =>
    assert.deepEqual(inferredOf(...texts), {
      type: 'string',
      ...(format === undefined ? {} : { format }),
    }));

test('a key is required if all examples have it, and others are refused', () => {
  const schema = inferred({ a: 1, b: 'x' }, { b: 'y', c: true });
  assert.deepEqual(schema, {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'string' }, c: { type: 'boolean' } },
    required: ['b'],
    additionalProperties: false,
  });
  assert.equal(accepts(schema, { b: '', bb: '' }), false);
  const open = inferSchema([{ a: { b: 1 } }], { closed: false });
  assert.equal(JSON.stringify(open).includes('additionalProperties'), false);
  assert.equal(accepts(open, { a: { b: 2, c: 3 }, d: 4 }), true);
});

const bert = { path: 's3://models/bert', replicas: 2 };
const gpt = { path: 's3://models/gpt', replicas: 1, device: 'cuda:0' };

const DICTIONARIES: readonly (readonly [why: string, mapping: object, next: unknown])[] = [
  ['three records', { bert, gpt, ner: bert }, bert],
  ['two records whose keys are names', { 'bert-1.5': bert, 'gpt-2.0': gpt }, gpt],
  ['numbers as keys', { 0: 'cat', 1: 'dog' }, 'cow'],
  ['dotted names of loggers', { 'org.apache': 'WARN', 'kafka.consumer': 'INFO' }, 'DEBUG'],
  ['weights of hosts', { 'http://a': 1, 'http://b': 0.5 }, 0.25],
];

for (const [why, mapping, next] of DICTIONARIES)
  test(`a mapping is a dictionary for ${why}`, () => {
    const schema = inferred({ it: mapping });
    assert.equal(accepts(schema, { it: { ...mapping, 9: next } }), true);
    assert.equal(accepts(schema, { it: { 9: next } }), true);
    assert.equal(accepts(schema, { it: { ...mapping, 9: [next] } }), false);
    assert.equal(accepts(schema, { it: {} }), false);
  });

const SETTINGS: readonly (readonly [why: string, mapping: object])[] = [
  ['two records with plain keys', { requests: { cpu: 1 }, limits: { cpu: 2 } }],
  ['three mappings that are not alike', { a: { x: 1, y: 2 }, b: { z: 1 }, c: { w: 1 } }],
  ['texts with plain keys', { host: 'a', user: 'b', name: 'c', path: 'd' }],
  ['dotted keys of unlike values', { 'a.b': 1, 'a.c': 'x' }],
  ['one key alone', { 'a/b': 1 }],
];

for (const [why, mapping] of SETTINGS)
  test(`a mapping is one of settings for ${why}`, () => {
    const value = Object.values(mapping)[0];
    assert.equal(
      accepts(inferred({ it: mapping }), { it: { ...mapping, misspelt: value } }),
      false,
    );
  });

test('a mapping is a dictionary by its name, unless its values are flags or lists', () => {
  const schema = inferred({ labels: { app: 'x' }, dependencies: { a: '1', b: { version: '2' } } });
  const next = { labels: { tier: 'y', app: 'z' }, dependencies: { c: '3' } };
  assert.equal(accepts(schema, next), true);
  assert.equal(accepts(schema, { ...next, labels: { app: 1 } }), false);
  assert.equal(accepts(inferred({ tags: { enabled: true } }), { tags: { on: true } }), false);
});

test('dotted keys at the top of a file are settings, and so is every key of a volume', () => {
  const properties = { 'server.port': '8080', 'server.host': 'a' };
  assert.equal(accepts(inferred(properties), { ...properties, 'server.prot': '1' }), false);
  const rules: InferRules = { closed: true, fixedKeys: true };
  const labels = { 0: 'cat', 1: 'dog' };
  assert.equal(accepts(inferred(labels), { ...labels, 2: 'cow' }), true);
  assert.equal(accepts(inferSchema([labels], rules), { ...labels, 2: 'cow' }), false);
});

test('keys have the order of the file', () => {
  const { properties } = inferred({ z: 1, a: 2 }, { m: 1, z: 2 }) as { properties: object };
  assert.deepEqual(Object.keys(properties), ['z', 'a', 'm']);
});

const anyValue = fc
  .oneof(
    fc.jsonValue({ maxDepth: 5 }),
    fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.constant({ a: 1 }))),
    fc.array(fc.constantFrom('30s', '5m', '2Gi', '1', 'http://a', '2026-01-01T00:00:00Z')),
  )
  // The formats refuse this key.
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

test('a schema accepts every example that it was made of', () => {
  fc.assert(
    fc.property(
      fc.array(anyValue, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (values, closed) => {
        const schema = inferSchema(values, { closed });
        for (const value of values) assert.ok(accepts(schema, value), JSON.stringify(schema));
      },
    ),
    { numRuns: 300 },
  );
});

test('a schema refuses its example without a key, with a new one and with a value of another type', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abcde'), minLength: 1, maxLength: 4 });
  const value = anyValue.filter((each) => each !== null);
  const settings = fc.dictionary(name, value, { minKeys: 1 });
  fc.assert(
    fc.property(settings, (example) => {
      const schema = inferSchema([example], { closed: true, fixedKeys: true });
      const unlike = (it: unknown) => (typeof it === 'string' ? 1 : 'x');
      for (const [key, it] of Object.entries(example)) {
        const { [key]: _, ...rest } = example;
        assert.equal(accepts(schema, rest), false);
        assert.equal(accepts(schema, { ...example, [key]: unlike(it) }), false);
      }
      assert.equal(accepts(schema, { ...example, misspelt: 1 }), false);
    }),
    { numRuns: 100 },
  );
});

test('P8: a schema contains no part of a value', () => {
  const planted = fc.constantFrom('hunter2', 's3://hunter2/x', '40013');
  const number = fc.constantFrom(40013, 4001.3);
  const values = fc.letrec((tie) => ({
    value: fc.oneof(planted, number, tie('list'), tie('mapping')),
    list: fc.array(tie('value'), { maxLength: 3 }),
    mapping: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd.e', '7'), tie('value')),
  })).value;
  fc.assert(
    fc.property(fc.array(values, { minLength: 1, maxLength: 3 }), (examples) => {
      const text = JSON.stringify(inferred(...examples));
      assert.doesNotMatch(text, /hunter2|4001/);
    }),
  );
});

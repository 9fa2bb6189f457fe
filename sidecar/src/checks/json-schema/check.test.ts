import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import { MODEL_SCHEMA } from '../../steps/validate/model.testing.ts';
import { schemaFile } from '../../steps/validate/snapshot.testing.ts';
import { checkSchema, createIsSlow } from './check.ts';

async function saidOfSchema(t: TestContext, content: unknown, name = 'schema.json') {
  const { path } = await schemaFile(t, content, name);
  const findings = await checkSchema(path);
  return findings.map((finding) =>
    `${finding.severity} ${formatFinding(finding)}`.replace(path, ''),
  );
}

test('a valid schema has no findings', async (t) => {
  assert.deepEqual(await saidOfSchema(t, MODEL_SCHEMA), []);
  assert.deepEqual(await saidOfSchema(t, 'false'), []);
});

test('every reason why a schema cannot be used is reported, at its own line', async (t) => {
  const schema = `type: objct
properties:
  a: { minimum: "1", maximum: x }
required: a
`;
  assert.deepEqual(await saidOfSchema(t, schema, 'schema.yaml'), [
    'error :1:7: this JSON Schema cannot be used: /type must be one of "array", "boolean", "integer", "null", "number", "object", "string" (is "objct") [LG_SETTINGS_SCHEMA]',
    'error :3:17: this JSON Schema cannot be used: /properties/a/minimum must be number (is "1") [LG_SETTINGS_SCHEMA]',
    'error :3:31: this JSON Schema cannot be used: /properties/a/maximum must be number (is "x") [LG_SETTINGS_SCHEMA]',
    'error :4:11: this JSON Schema cannot be used: /required must be array (is "a") [LG_SETTINGS_SCHEMA]',
  ]);
});

test('every misspelling, every $ref without a target and every broken pattern is reported', async (t) => {
  const misspelt = `type: object
requried: [a]
properties: { a: { formt: x, maximun: 1, format: datetime } }
`;
  const told = async (content: string) =>
    (await saidOfSchema(t, content, 'schema.yaml')).map((line) => line.split(' ')[1]);
  assert.deepEqual(await told(misspelt), [':2:1:', ':3:20:', ':3:30:', ':3:50:']);
  const refs = 'items:\n  $ref: "#/$defs/a"\nnot: { $ref: b.json }\n';
  assert.deepEqual(await told(refs), [':3:14:']);
  assert.deepEqual(await told(refs.replace('b.json', '"#/$defs/b"')), [':2:9:', ':3:14:']);
  assert.deepEqual(await told('pattern: "("\npatternProperties: { "[": true }\n'), [
    ':1:10:',
    ':2:22:',
  ]);
});

const DOUBTS: readonly (readonly [schema: string, ...said: string[]])[] = [
  [
    'properties: { a: { properties: {} } }',
    '1:1: properties without "type": "object" accepts every value that is not an object',
    '1:20: properties without "type": "object" accepts every value that is not an object',
  ],
  ['type: object\nallOf: [{ if: { properties: {} }, then: { properties: {} } }]'],
  ['type: object\nnot: { properties: { a: { properties: {} } } }'],
  ['$ref: "#/$defs/a"\nproperties: {}\n$defs: { a: { type: object } }'],
  [
    'type: object\nproperties: { batch_size: {} }\nadditionalProperties: false\nrequired: [batchsize, batch_size, x]',
    '4:12: required names "batchsize", which additionalProperties does not allow, did you mean "batch_size"?',
    '4:35: required names "x", which additionalProperties does not allow',
  ],
  [
    'required: [a_b, b]\nadditionalProperties: false\npatternProperties: { "^a": {} }',
    '1:17: required names "b", which additionalProperties does not allow',
  ],
  ['type: object\nrequired: [a]\nproperties: { b: {} }'],
  [
    'type: [string, "null"]\nenum: [a, null, 1, [], true]',
    '2:17: enum has a value that is not of type string or null',
    '2:20: enum has a value that is not of type string or null',
    '2:24: enum has a value that is not of type string or null',
  ],
  ['type: number\nenum: [1, 1.5]'],
  ['type: integer\nconst: 1.5', '2:8: const has a value that is not of type integer'],
  ['minimum: 5\nmaximum: 3', '1:10: minimum 5 is more than maximum 3, so no value fits'],
  ['minLength: 3\nmaxLength: 3'],
  [
    'items: { minItems: 2, maxItems: 1 }',
    '1:20: minItems 2 is more than maxItems 1, so no value fits',
  ],
  [
    'pattern: "^(a+)+$"',
    '1:10: the pattern repeats a repetition, and may take extremely long on a text that almost matches',
  ],
  [
    "pattern: '^[\\w\\-]+\\_\\:$'",
    '1:10: the pattern has an escape that JSON Schema does not allow, such as \\-; lastgood reads it without the flag "u", and other validators may refuse it',
  ],
  [
    "additionalProperties: false\nrequired: [a-b]\npatternProperties: { '^a\\-': {} }",
    '3:22: the pattern has an escape that JSON Schema does not allow, such as \\-; lastgood reads it without the flag "u", and other validators may refuse it',
  ],
  [
    'patternProperties: { "(x+x+)+y": {} }',
    '1:22: the pattern repeats a repetition, and may take extremely long on a text that almost matches',
  ],
];

for (const [schema, ...said] of DOUBTS)
  test(`of ${JSON.stringify(schema)} gives: ${said.length === 0 ? 'nothing' : said[0]}`, async (t) => {
    assert.deepEqual(
      await saidOfSchema(t, schema, 'schema.yaml'),
      said.map((each) => `warning :${each} [LG_SETTINGS_SCHEMA_DOUBT]`),
    );
  });

test('patterns of usual kinds are not called slow', async () => {
  const isSlow = await createIsSlow();
  const usual = [
    '^(cpu|cuda(:[0-9]+)?)$',
    '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$',
    '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$',
    '^(/[^/]+)+$',
    '^(?<major>\\d+)(\\.\\d+)*$',
    '.*foo.*bar.*',
  ];
  assert.deepEqual(usual.filter(isSlow), []);
});

test('a schema is checked with the files that it refers to, by the path that it was given', async (t) => {
  const dir = temporaryDirectory(t);
  mkdirSync(join(dir, 'sub'));
  writeFileSync(join(dir, 'main.json'), '{ "$ref": "sub/common.json" }');
  writeFileSync(join(dir, 'sub/common.json'), '{ "minimum": 2,\n "maximum": 1 }');
  writeFileSync(join(dir, 'doubtful.json'), '{ "properties": {} }');
  const told = async (name: string) => {
    const findings = await checkSchema(relative(process.cwd(), join(dir, name)));
    return findings.map(({ location }) => location);
  };
  const common = join(dir, 'sub/common.json');
  assert.deepEqual(await told('main.json'), [{ file: common, line: 1, column: 14 }]);
  const doubtful = relative(process.cwd(), join(dir, 'doubtful.json'));
  assert.deepEqual(await told('doubtful.json'), [{ file: doubtful, line: 1, column: 3 }]);
  assert.deepEqual((await checkSchema('nowhere.json')).map(formatFinding), [
    'nowhere.json: the JSON Schema nowhere.json cannot be used: ENOENT [LG_SETTINGS_SCHEMA]',
  ]);
});

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { formatLocation } from '@lastgood/core/model/finding.ts';
import {
  check,
  fileOf,
  saidOf,
  schemaAt,
  schemaFile,
} from '../../steps/validate/snapshot.testing.ts';
import { createValidator } from '../../steps/validate/validator.ts';

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';

async function refusalOf(t: TestContext, content: unknown, name?: string): Promise<string> {
  const schema = await schemaFile(t, content, name);
  const error = await createValidator([check('*', { schema })]).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof LastgoodError, 'the schema was accepted');
  assert.equal(error.code, 'LG_SETTINGS_SCHEMA');
  assert.ok(error.location);
  const { file } = error.location;
  const what = file === schema.path ? 'this JSON Schema' : `the JSON Schema ${schema.path}`;
  if (file !== schema.path) assert.deepEqual(error.location, schema.namedAt);
  const where = file === schema.path ? formatLocation(error.location).slice(file.length) : '';
  return `${where} ${error.message.replace(`${what} cannot be used: `, '')}`.trim();
}

const REFUSED: readonly (readonly [why: string, schema: unknown, reason: RegExp, name?: string])[] =
  [
    ['is empty', '', /^:1:1 has no JSON value$/],
    ['is not JSON', '{"type": }', /^:1:10 expected a value$/],
    ['is not YAML', 'a: b: c', /^:1:5 bad indentation/, 'schema.yaml'],
    ['is several documents', 'a: 1\n---\nb: 1', /^it must be one document$/, 'schema.yaml'],
    ['is a list', [], /^it must be an object, true or false$/],
    [
      'breaks its meta-schema',
      '{\n  "type": "strin"\n}',
      /^:2:11 \/type must be one of "array", .* \(is "strin"\)$/,
    ],
    [
      'breaks the meta-schema of draft-07',
      `{"$schema": "${DRAFT_07}",\n "properties": {"a": {"minimum": "1"}}}`,
      /^:2:34 \/properties\/a\/minimum must be number \(is "1"\)$/,
    ],
    [
      'breaks its meta-schema in several places',
      'minimum: x\nproperties:\n  a: { required: b }\n',
      /^:\d:\d+ \/\S+ must be \w+ \(is "\w"\) \(and 1 more\)$/,
      'schema.yaml',
    ],
    [
      'has a pattern that is no regular expression',
      { pattern: '(' },
      /^:1:12 Invalid regular expression/,
    ],
    [
      'refers to nothing in it',
      { $ref: '#/$defs/x' },
      /^:1:9 its \$ref #\/\$defs\/x does not exist$/,
    ],
    [
      'refers to the network',
      { $ref: 'https://e.x/y' },
      /^:1:9 its \$ref https:\/\/e\.x\/y is neither a file nor an \$id in it, and nothing is fetched/,
    ],
    [
      'is of another draft',
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      /^:1:12 its \$schema is http:.*draft-04/,
    ],
    ['refers to itself', { $ref: '#' }, /^it refers to itself without end$/],
    [
      'refers to itself by way of another place',
      { $dynamicAnchor: 'a', allOf: [{ $dynamicRef: '#a' }] },
      /^it refers to itself without end$/,
    ],
    ['is asynchronous', { $async: true }, /^:1:2 \$async is not part of JSON Schema$/],
    [
      'misspells a keyword',
      { requried: ['a'] },
      /^:1:2 unknown keyword "requried", did you mean "required"\?$/,
    ],
    [
      'misspells a keyword deep inside',
      { $ref: '#/$defs/a', $defs: { a: { items: { maximun: 1 } } } },
      /did you mean "maximum"/,
    ],
    [
      'misspells a format',
      { properties: { a: { format: 'datetime' } } },
      /did you mean "date-time"/,
    ],
  ];

for (const [why, schema, reason, name] of REFUSED)
  test(`a schema that ${why} is refused`, async (t) => {
    assert.match(await refusalOf(t, schema, name), reason);
  });

test('a schema that makes an error for each of many ways to a value can be used', async (t) => {
  const parts = Array.from({ length: 20 }, (_, n) => {
    const next = { $ref: `#/$defs/a${n + 1}` };
    return [`a${n}`, { anyOf: [next, next] }] as const;
  });
  const $defs = { ...Object.fromEntries(parts), a20: { type: 'string' } };
  const schema = await schemaFile(t, { $ref: '#/$defs/a0', $defs });
  assert.deepEqual(await saidOf(fileOf('a.yaml', 'text'), [check('a.yaml', { schema })]), []);
});

test('a schema file that does not exist is refused', async () => {
  const schema = schemaAt('/nowhere/schema.json');
  await assert.rejects(createValidator([check('*', { schema })]), {
    code: 'LG_SETTINGS_SCHEMA',
    location: schema.namedAt,
    message: 'the JSON Schema /nowhere/schema.json cannot be used: ENOENT',
  });
});

test('a format that a specification defines is no misspelling, though nothing checks it', async (t) => {
  const formats = ['iri', 'iri-reference', 'idn-email', 'idn-hostname', 'int16', 'uint32'];
  const schema = await schemaFile(t, { items: { allOf: formats.map((format) => ({ format })) } });
  assert.deepEqual(await saidOf(fileOf('a.yaml', '[x, 1]\n'), [check('*', { schema })]), []);
});

test('annotations and formats that JSON Schema does not know are taken as such', async (t) => {
  const schema = await schemaFile(t, {
    'x-requried': 1,
    example: 1,
    markdownDescription: 'x',
    enumDescriptions: [],
    properties: { format: { type: 'string' }, a: { format: 'color', note: 'x' } },
  });
  assert.deepEqual(
    await saidOf(fileOf('a.yaml', 'a: red\nformat: x\n'), [check('*', { schema })]),
    [],
  );
});

test('schemas may be YAML, draft-07, or true', async (t) => {
  const draft07 = { $schema: DRAFT_07, items: [{ type: 'string' }], additionalItems: false };
  const written: readonly (readonly [unknown, string, number])[] = [
    ['type: object\nrequired: [a]\n', 'schema.yaml', 1],
    ['type: object\nrequired: [a]\n', 'schema', 1],
    [draft07, 'schema.json', 2],
    [{ ...draft07, $schema: 'https://json-schema.org/draft-07/schema' }, 'schema.json', 2],
    [{ prefixItems: [{ type: 'string' }], items: false }, 'schema.json', 2],
    ['true', 'schema.json', 0],
    ['false', 'schema.json', 1],
  ];
  for (const [content, name, findings] of written) {
    const schema = await schemaFile(t, content, name);
    const said = await saidOf(fileOf('a.yaml', '[1, 2]\n'), [check('*', { schema })]);
    assert.equal(said.length, findings, JSON.stringify(content));
  }
});

test('two schemas may have the same $id, and nothing is written to the console', async (t) => {
  const written = ['log', 'warn', 'error'].map((name) => t.mock.method(console, name as 'log'));
  const one = await schemaFile(t, { $id: 'https://e.x/s', requiredness: 1, type: 'object' });
  const two = await schemaFile(t, { $id: 'https://e.x/s', type: 'array' });
  const checks = [
    check('*', { schema: one }),
    check('*', { schema: two }),
    check('a*', { schema: one }),
  ];
  assert.equal((await saidOf(fileOf('a.yaml', '1\n'), checks)).length, 2);
  assert.deepEqual(
    written.map((each) => each.mock.callCount()),
    [0, 0, 0],
  );
});

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { formatLocation } from '@lastgood/core/model/finding.ts';
import { MAX_INLINE_BYTES } from '@lastgood/core/model/snapshot.ts';
import { temporaryDirectory } from '../../../../test/kubelet/temporary-directory.ts';
import {
  check,
  fileOf,
  PATIENT,
  saidOf,
  schemaAt,
  snapshotOf,
} from '../../steps/validate/snapshot.testing.ts';
import { createValidator } from '../../steps/validate/validator.ts';

/** Schema files of which `main.json` is the one that the settings name. */
function schemasIn(t: TestContext, contents: Record<string, unknown>) {
  const dir = temporaryDirectory(t);
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(dir, name), text.replaceAll('DIR', dir));
  }
  return { dir, checks: [check('*', { schema: schemaAt(join(dir, 'main.json')) })] };
}

async function refusalOf(t: TestContext, contents: Record<string, unknown>): Promise<string> {
  const { dir, checks } = schemasIn(t, contents);
  const error = await createValidator(checks).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof LastgoodError, 'the schema was accepted');
  assert.equal(error.code, 'LG_SETTINGS_SCHEMA');
  const where = error.location === undefined ? '' : formatLocation(error.location);
  return `${where} ${error.message}`.replaceAll(`${dir}/`, '');
}

const PORT = { $defs: { port: { $anchor: 'p', type: 'integer', maximum: 65535 } } };

const WAYS: readonly (readonly [way: string, ref: string])[] = [
  ['a relative path', 'common.json#/$defs/port'],
  ['a path with dots', './sub/../common.json#/$defs/port'],
  ['an absolute path', 'DIR/common.json#/$defs/port'],
  ['a file URL', 'file://DIR/common.json#/$defs/port'],
  ['an anchor', 'common.json#p'],
  ['a percent-encoded fragment', 'common.json#/%24defs/port'],
];

for (const [way, ref] of WAYS)
  test(`a schema refers to another file by ${way}`, async (t) => {
    const { checks } = schemasIn(t, {
      'main.json': { properties: { a: { $ref: ref } } },
      'common.json': PORT,
    });
    assert.deepEqual(await saidOf(fileOf('a.yaml', 'a: 80\n'), checks), []);
    assert.deepEqual(await saidOf(fileOf('a.yaml', 'a: 70000\n'), checks), [
      'a.yaml:1:4: /a must be <= 65535 (is 70000) [LG_VALIDATE_SCHEMA]',
    ]);
  });

test('files refer to each other through directories, in YAML and JSON, and in circles', async (t) => {
  const { checks } = schemasIn(t, {
    'main.json': { $ref: 'sub/tree.yaml' },
    'sub/tree.yaml': 'properties: { next: { $ref: ../main.json }, name: { $ref: "name.json" } }',
    'sub/name.json': { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'string' },
  });
  const content = '{"next": {"next": {"name": 1}}}';
  assert.deepEqual(await saidOf(fileOf('a.json', content), checks), [
    'a.json:1:28: /next/next/name must be string (is 1) [LG_VALIDATE_SCHEMA]',
  ]);
});

test('an $id leads past the files, and a path leads to them whatever their $id', async (t) => {
  const { checks } = schemasIn(t, {
    'main.json': {
      $id: 'https://e.x/schemas/main.json',
      properties: {
        embedded: { $ref: 'inside.json' },
        path: { $ref: 'common.json' },
        id: { $ref: 'https://e.x/other/common.json' },
        draft: { $ref: 'https://json-schema.org/draft/2020-12/schema' },
      },
      $defs: { inside: { $id: 'inside.json', type: 'boolean' } },
    },
    'inside.json': false,
    'common.json': { $id: 'https://e.x/other/common.json', type: 'integer' },
  });
  const content = 'embedded: 1\npath: a\nid: a\ndraft: {type: x}\n';
  const lines = await saidOf(fileOf('a.yaml', content), checks);
  assert.deepEqual(
    lines.slice(0, 3).map((line) => line.replace(' [LG_VALIDATE_SCHEMA]', '')),
    [
      'a.yaml:1:11: /embedded must be boolean (is 1)',
      'a.yaml:2:7: /path must be integer (is "a")',
      'a.yaml:3:5: /id must be integer (is "a")',
    ],
  );
  assert.ok(lines.length > 3);
});

test('of draft-07, both files are read so', async (t) => {
  const $schema = 'http://json-schema.org/draft-07/schema#';
  const { checks } = schemasIn(t, {
    'main.json': { $schema, properties: { a: { $ref: 'common.json#/definitions/pair' } } },
    'common.json': { definitions: { pair: { items: [{ type: 'string' }] } } },
  });
  assert.equal((await saidOf(fileOf('a.yaml', 'a: [1]\n'), checks)).length, 1);
});

test('what only looks like a $ref is data', async (t) => {
  const { checks } = schemasIn(t, {
    'main.json': {
      properties: { $ref: { type: 'string' }, default: { $ref: 'common.json' } },
      default: { $ref: 'nowhere.json' },
      enum: [{ $ref: 'nowhere.json', default: 1 }],
      'x-editor': { $ref: 'nowhere.json' },
    },
    'common.json': { type: 'integer' },
  });
  const said = await saidOf(fileOf('a.yaml', '{$ref: nowhere.json, default: 1}\n'), checks);
  assert.deepEqual(said, []);
});

const REFUSED: readonly (readonly [
  why: string,
  contents: Record<string, unknown>,
  said: string,
])[] = [
  [
    'that is missing',
    { 'main.json': '{\n  "$ref": "x.json" }' },
    'main.json:2:11 this JSON Schema cannot be used: its $ref to x.json: ENOENT',
  ],
  [
    'that cannot be parsed',
    { 'main.json': { $ref: 'x.json' }, 'x.json': '{\n "type": }' },
    'x.json:2:10 this JSON Schema cannot be used: expected a value',
  ],
  [
    'that is no schema',
    { 'main.json': { $ref: 'x.json' }, 'x.json': '{\n "minimum": "1" }' },
    'x.json:2:13 this JSON Schema cannot be used: /minimum must be number (is "1")',
  ],
  [
    'that lacks what is meant',
    { 'main.json': { $ref: 'x.json#/$defs/a' }, 'x.json': {} },
    'main.json:1:9 this JSON Schema cannot be used: its $ref x.json#/$defs/a does not exist',
  ],
  [
    'that misspells a keyword',
    { 'main.json': { $ref: 'x.json' }, 'x.json': { requried: ['a'] } },
    'x.json:1:2 this JSON Schema cannot be used: unknown keyword "requried", did you mean "required"?',
  ],
  [
    'of another draft',
    {
      'main.json': { $ref: 'x.json' },
      'x.json': { $schema: 'http://json-schema.org/draft-07/schema#' },
    },
    'x.json:1:12 this JSON Schema cannot be used: it has another draft than the schema that refers to it',
  ],
  [
    'that is too large',
    { 'main.json': { $ref: 'x.json' }, 'x.json': { $comment: 'x'.repeat(2 ** 20) } },
    'main.json:1:9 this JSON Schema cannot be used: its $ref to x.json: it is larger than 1Mi',
  ],
  [
    'on another host',
    { 'main.json': { $ref: 'file://host/x.json' } },
    'main.json:1:9 this JSON Schema cannot be used: its $ref file://host/x.json is neither a file nor an $id in it, and nothing is fetched from the network',
  ],
  [
    'with the $id of another one',
    {
      'main.json': { allOf: [{ $ref: 'x.json' }, { $ref: 'y.json' }] },
      'x.json': { $id: 'https://e.x/s', type: 'string' },
      'y.json': { $id: 'https://e.x/s', type: 'object' },
    },
    'lastgood.yaml:9:17 the JSON Schema main.json cannot be used: schema with key or id "https://e.x/s" already exists',
  ],
];

for (const [why, contents, said] of REFUSED)
  test(`a schema that refers to a file ${why} is refused`, async (t) => {
    assert.equal(await refusalOf(t, contents), said);
  });

test('a chain of files without end is cut off', async (t) => {
  const files = Array.from({ length: 102 }, (_, i) => [`f${i}.json`, { $ref: `f${i + 1}.json` }]);
  const contents = { 'main.json': { $ref: 'f0.json' }, ...Object.fromEntries(files) };
  assert.match(await refusalOf(t, contents), /it refers to more than 100 files$/);
});

test('a large file, which a thread checks, is checked with the same files', async (t) => {
  const { checks } = schemasIn(t, {
    'main.json': { additionalProperties: { $ref: 'common.json#/$defs/port' } },
    'common.json': PORT,
  });
  const validate = await createValidator(checks, { limits: PATIENT });
  const rows = Array.from({ length: 5000 }, (_, row) => `key_${row}: ${row}\n`).join('');
  assert.ok(rows.length > MAX_INLINE_BYTES);
  assert.deepEqual((await validate(snapshotOf(fileOf('a.yaml', rows)))).findings, []);
  const wrong = await validate(snapshotOf(fileOf('a.yaml', `${rows}last: 70000\n`)));
  assert.deepEqual(
    wrong.findings.map(({ message }) => message),
    ['/last must be <= 65535 (is 70000)'],
  );
});

test('P8: for a secret, the names that a referenced schema gives are shown', async (t) => {
  const { checks } = schemasIn(t, {
    'main.json': { $ref: 'common.json' },
    'common.json': { properties: { port: { type: 'integer' } } },
  });
  assert.deepEqual(await saidOf(fileOf('a.yaml', 'port: hunter2\n', true), checks), [
    'a.yaml:1:7: /port must be integer [LG_VALIDATE_SCHEMA]',
  ]);
});

test('a path with signs that URLs escape is found', async (t) => {
  const { dir, checks } = schemasIn(t, {
    'a b%/ö#.json': { type: 'integer' },
    'main.json': '{}',
  });
  const url = pathToFileURL(join(dir, 'a b%/ö#.json')).href;
  writeFileSync(join(dir, 'main.json'), JSON.stringify({ $ref: url }));
  assert.equal((await saidOf(fileOf('a.yaml', 'x\n'), checks)).length, 1);
});

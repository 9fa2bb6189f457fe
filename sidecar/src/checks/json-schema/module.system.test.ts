import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { formatFinding, formatLocation } from '@lastgood/core/model/finding.ts';
import {
  check,
  ENDING,
  fileOf,
  PATIENT,
  schemaAt,
  schemaFile,
  snapshotOf,
} from '../../steps/validate/snapshot.testing.ts';
import { createValidator } from '../../steps/validate/validator.ts';
import { checkSchema } from './check.ts';
import { moduleAsking, moduleOf, saidBy } from './module.testing.ts';

/** Where a module is refused and why, in the words of the sidecar's start and of `schema check`. */
async function refusalOf(path: string): Promise<string> {
  const schema = schemaAt(path);
  const error = await createValidator([check('*', { schema })]).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof LastgoodError, 'the module was accepted');
  const { code, message, location } = error;
  assert.ok(location);
  const [finding, ...others] = await checkSchema(path);
  assert.deepEqual([finding?.code, finding?.message, others], [code, message, []]);
  const isInside = location.file !== schema.namedAt.file;
  assert.deepEqual(finding?.location, isInside ? location : { file: path });
  return `${formatLocation(location)}: ${message}`.replaceAll(dirname(path), '/etc');
}

const IN_SETTINGS = 'lastgood.yaml:9:17: the schema /etc/schema.mjs cannot be used:';

const REFUSED: readonly (readonly [why: string, code: string, said: string, name?: string])[] = [
  [
    'has a syntax error',
    'export const a = 1;\nexport default {{;\n',
    "/etc/schema.mjs:2:17: this schema cannot be used: Unexpected token '{'",
  ],
  [
    'throws when it is run',
    '\nconst make = () => { throw new TypeError("no\\nway") };\nexport default make();\n',
    '/etc/schema.mjs:2:28: this schema cannot be used: no',
  ],
  [
    'throws what is no error',
    'throw null;\n',
    `${IN_SETTINGS} it throws a value that is not an Error`,
  ],
  [
    'imports a package that is not there',
    'import { z } from "no-zod/mini";\nexport default z;\n',
    `${IN_SETTINGS} it cannot find package "no-zod" from /etc; bundle it into the module, for example with esbuild --bundle`,
  ],
  [
    'requires a package that is not there',
    'module.exports = require("no-zod");\n',
    'lastgood.yaml:9:17: the schema /etc/schema.js cannot be used: it cannot find package "no-zod"; bundle it into the module, for example with esbuild --bundle',
    'schema.js',
  ],
  [
    'imports a file that is not there',
    'export { default } from "./no.mjs";\n',
    `${IN_SETTINGS} Cannot find module '/etc/no.mjs' imported from /etc/schema.mjs`,
  ],
  [
    'imports a name that is not there',
    '\nimport { nothing } from "node:fs";\nexport default nothing;\n',
    "/etc/schema.mjs:2:10: this schema cannot be used: The requested module 'node:fs' does not provide an export named 'nothing'",
  ],
  [
    'has an enum of TypeScript',
    'export default {};\nenum A { b }\n',
    '/etc/schema.ts:2:1: this schema cannot be used: TypeScript enum is not supported in strip-only mode',
    'schema.ts',
  ],
  ['exports nothing', 'const a = 1;\n', `${IN_SETTINGS} it has no default export`],
  [
    'exports no schema',
    'export default { type: "object" };\n',
    `${IN_SETTINGS} its export default is not a Standard Schema, such as one of zod, valibot or arktype`,
  ],
  [
    'exports a later version of Standard Schema',
    'export const schema = { "~standard": { version: 2, validate: () => ({ value: 1 }) } };\n',
    `${IN_SETTINGS} its export schema is not a Standard Schema, such as one of zod, valibot or arktype`,
  ],
];

for (const [why, code, said, name = 'schema.mjs'] of REFUSED)
  test(`a module that ${why} is refused`, async (t) => {
    const { path } = await schemaFile(t, code, name);
    assert.equal(await refusalOf(path), said);
  });

test('a module that is not there is refused', async () => {
  assert.equal(await refusalOf('/nowhere/schema.mjs'), `${IN_SETTINGS} ENOENT`);
});

test('of a syntax error in a file that the module imports, its own line is reported where it is known', async (t) => {
  const { path } = await schemaFile(t, 'export { default } from "./broken.ts";\n', 'schema.mjs');
  await writeFile(join(dirname(path), 'broken.ts'), '\nexport default 5 +;\n');
  assert.match(await refusalOf(path), /^\/etc\/broken\.ts:2:\d+: this schema cannot be used: /);
});

const STANDARD = `{ '~standard': { version: 1, vendor: 'test', validate: (value) =>
  value === 1 ? { value } : { issues: [{ message: 'must be 1' }] } } }`;

test('modules are ESM, CommonJS or TypeScript, with a default export or one named schema', async (t) => {
  const typed = `const one: number = 1;\nconst schema: object = ${STANDARD.replace('1 ?', 'one ?')};\n`;
  const written: readonly (readonly [name: string, code: string])[] = [
    ['a.mjs', `export default ${STANDARD};`],
    ['b.mjs', `export const schema = ${STANDARD};`],
    ['c.js', `module.exports = ${STANDARD};`],
    ['d.js', `export default ${STANDARD};`],
    ['e.mts', `${typed}export default schema;`],
    ['f.ts', `${typed}export { schema };`],
    ['g.mjs', `export default Object.assign(() => {}, ${STANDARD});`],
  ];
  for (const [name, code] of written) {
    const schema = await schemaFile(t, code, name);
    assert.deepEqual(await checkSchema(schema.path), [], name);
    assert.deepEqual(await saidBy(schema, '1\n'), [], name);
    assert.deepEqual(await saidBy(schema, '2\n'), ['1:1: must be 1 (is 2)'], name);
  }
});

/** The findings for a directory of keys that are checked with this schema and this rule. */
async function saidOfKeys(
  schema: Awaited<ReturnType<typeof moduleOf>>,
  keys: Readonly<Record<string, string>>,
  rule: string,
): Promise<readonly string[]> {
  const namedAt = { file: 'lastgood.yaml', line: 12, column: 9 };
  const rules = [{ rule, message: 'wrong', namedAt, verbatim: true }];
  const validate = await createValidator([{ keys: 'db/*', schema, rules }]);
  const files = Object.entries(keys).map(([key, text]) => fileOf(`db/${key}`, text));
  return (await validate(snapshotOf(...files))).findings.map(formatFinding);
}

test('of keys, rules see what the schema makes of their texts', async (t) => {
  const schema = await moduleOf(
    t,
    `z.object({ port: z.coerce.number(), wait: z.string().transform((text) => parseInt(text) * 1000),
       host: z.string().default('localhost') })`,
  );
  const rule = 'self.port == 5432 && self.wait == 5000 && self.host == "localhost"';
  assert.deepEqual(await saidOfKeys(schema, { port: '5432', wait: '5s' }, rule), []);
  assert.deepEqual(await saidOfKeys(schema, { port: '5433', wait: '5s' }, rule), [
    'db/port: wrong [LG_VALIDATE_RULE]',
  ]);
  assert.deepEqual(await saidOfKeys(schema, { port: '0x10', wait: '5s' }, rule), [
    'db/port: must be a decimal number [LG_VALIDATE_SCHEMA]',
  ]);
  assert.deepEqual(await saidOfKeys(schema, { port: 'x' }, rule), [
    'db/port: invalid input: expected number, received NaN (is "x") [LG_VALIDATE_SCHEMA]',
    'db/wait: is missing, and the schema requires it [LG_VALIDATE_SCHEMA]',
  ]);
});

test('of keys, a change is checked by what the schema makes of both versions', async (t) => {
  const schema = await moduleOf(t, 'z.object({ port: z.coerce.number().max(9000) })');
  const namedAt = { file: 'lastgood.yaml', line: 12, column: 9 };
  const rule = 'self.port > oldSelf.port';
  const rules = [{ rule, message: undefined, namedAt, verbatim: true }];
  const validate = await createValidator([{ keys: 'db/*', schema, rules }]);
  const accepts = async (from: string, to: string) => {
    const active = snapshotOf(fileOf('db/port', from));
    const standing = { active, lastGood: active };
    return (await validate(snapshotOf(fileOf('db/port', to)), standing)).accepted;
  };
  assert.equal(await accepts('999', '1000'), true);
  assert.equal(await accepts('1000', '999'), false);
  // What the app runs on was accepted by another schema, and there is nothing to compare.
  assert.equal(await accepts('9999', '1000'), true);
});

test('a schema that never ends is cut off, and other files are checked', async (t) => {
  const schema = await moduleAsking(
    t,
    `(value) => { while (value === 'hang') { try {} finally { continue; } } return { value } }`,
  );
  const validate = await createValidator([check('*', { schema })], { limits: ENDING });
  const files = [fileOf('a.yaml', 'hang\n'), fileOf('b.yaml', 'fine\n')];
  const { findings } = await validate(snapshotOf(...files));
  assert.deepEqual(findings.map(formatFinding), [
    'a.yaml: takes more than 1s to check [LG_VALIDATE_TOO_HEAVY]',
  ]);
});

test('a large file is checked with the module in a thread, as it was at the start', async (t) => {
  const schema = await moduleOf(t, 'z.record(z.string(), z.int())');
  const validate = await createValidator([check('*', { schema })], { limits: PATIENT });
  await rm(schema.path);
  const rows = Array.from({ length: 9_000 }, (_, row) => `key_${row}: ${row}\n`).join('');
  assert.equal((await validate(snapshotOf(fileOf('a.yaml', rows)))).accepted, true);
  const wrong = fileOf('a.yaml', rows.replace('key_7999: 7999', 'key_7999: many'));
  assert.deepEqual((await validate(snapshotOf(wrong))).findings.map(formatFinding), [
    'a.yaml:8000:11: /key_7999 invalid input: expected number, received string (is "many") [LG_VALIDATE_SCHEMA]',
  ]);
});

test('what a module imports is in the thread as it was at the start as well', async (t) => {
  const { path } = await schemaFile(t, "export { default } from './first.ts';\n", 'schema.mjs');
  const dir = dirname(path);
  await writeFile(
    join(dir, 'first.ts'),
    "import schema from './second.js';\nexport default schema as unknown;\n",
  );
  await writeFile(join(dir, 'second.js'), "module.exports = require('./third.js');\n");
  await writeFile(
    join(dir, 'third.js'),
    `module.exports = ${STANDARD.replaceAll('1 ', '"x".repeat(40_000) ')};\n`,
  );
  const validate = await createValidator([check('*', { schema: schemaAt(path) })], {
    limits: PATIENT,
  });
  for (const name of await readdir(dir)) await rm(join(dir, name));
  const large = 'x'.repeat(40_000);
  assert.equal((await validate(snapshotOf(fileOf('a.yaml', large)))).accepted, true);
  assert.equal((await validate(snapshotOf(fileOf('b.yaml', `${large}y`)))).accepted, false);
});

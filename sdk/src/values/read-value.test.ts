import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import * as v from 'valibot';
import { z } from 'zod';
import * as mini from 'zod/mini';
import type { ValueOf, ViewOptions } from '../config.ts';
import { readValue } from './read-value.ts';
import { secret } from './schema.ts';
import { Secret } from './secret.ts';

function fileOf(path: string, content: string | Uint8Array, isSecret = false): SnapshotFile {
  const bytes = Buffer.from(content as string);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, mode: 0o644, bytes, sha256, secret: isSecret };
}

function secretFile(path: string, content: string | Uint8Array): SnapshotFile {
  return fileOf(path, content, true);
}

type AnyView = ViewOptions<StandardSchemaV1 | undefined>;

async function readGood(files: readonly SnapshotFile[], view: AnyView): Promise<unknown> {
  const result = await readValue(files, view);
  assert.ok(result.accepted, inspect(result, { depth: 4 }));
  return result.value;
}

async function saidOf(
  files: readonly SnapshotFile[],
  view: AnyView,
  timeoutMs?: number,
): Promise<readonly string[]> {
  const result = await readValue(files, view, timeoutMs);
  assert.ok(!result.accepted, inspect(result));
  return result.findings.map(formatFinding);
}

const CONFIG = 'model: bert\ninference:\n  batch_size: 128\n';
const MODEL = z.object({
  model: z.string(),
  inference: z.object({ batch_size: z.number().max(64) }),
});

test('a file is parsed by its name, or by the format of the view', async () => {
  const files = [
    fileOf('config.yaml', CONFIG),
    fileOf('app.toml', 'a = 1\n'),
    fileOf('app.conf', '{"a": 1}'),
    fileOf('several.yaml', 'a: 1\n---\nb: 2\n'),
    fileOf('LOG_LEVEL', 'debug\n'),
    fileOf('logo', new Uint8Array([0xff, 0xd8, 0])),
  ];
  const value = (file: string, format?: ViewOptions['format']) =>
    readGood(files, format === undefined ? { file } : { file, format });
  assert.deepEqual(await value('config.yaml'), { model: 'bert', inference: { batch_size: 128 } });
  assert.deepEqual(await value('./config.yaml', 'text'), CONFIG);
  assert.deepEqual(await value('app.toml'), { a: 1 });
  assert.deepEqual(await value('app.conf', 'json'), { a: 1 });
  assert.deepEqual(await value('several.yaml'), [{ a: 1 }, { b: 2 }]);
  assert.equal(await value('LOG_LEVEL'), 'debug\n');
  assert.deepEqual(await value('logo', 'binary'), new Uint8Array([0xff, 0xd8, 0]));
  assert.match((await saidOf(files, { file: 'logo' }))[0] ?? '', /^logo:1:1: .*UTF-8/);
});

test('a file that breaks its format is a finding with its position', async () => {
  assert.deepEqual(await saidOf([fileOf('a.json', '{"a": 1,\n "b" 2}')], { file: 'a.json' }), [
    'a.json:2:6: expected a colon after the key [LG_VALIDATE_SYNTAX]',
  ]);
  const missing = await readValue(
    [fileOf('config.yaml', CONFIG), fileOf('a\n\u001b[31m.yaml', CONFIG)],
    { file: 'config.yml' },
  );
  assert.ok(!missing.accepted);
  assert.equal(
    missing.findings.map(formatFinding)[0],
    'config.yml: is not in the snapshot [LG_VALIDATE_MISSING]',
  );
  const hint = 'a view shows it; the bundle has config.yaml, a\\n\\u001b[31m.yaml';
  assert.equal(missing.findings[0]?.hint, hint);
});

test('P11 a file that the view does not show may be anything', async () => {
  const files = [fileOf('broken.json', '{'), fileOf('config.yaml', CONFIG)];
  await readGood(files, { file: 'config.yaml' });
  assert.equal((await saidOf(files, {})).length, 1);
});

test('an app gets no value with a tag that only another reader knows', async () => {
  assert.deepEqual(await saidOf([fileOf('a.yaml', 'a: 1\nb: !vault x\n')], { file: 'a.yaml' }), [
    'a.yaml:2:4: unknown tag !vault [LG_VALIDATE_TAG]',
  ]);
});

test('the value is the output of the schema, of any library, asynchronous or not', async () => {
  const files = [fileOf('a.json', '{"port": "80"}')];
  const schemas: readonly StandardSchemaV1[] = [
    z.object({ port: z.coerce.number() }),
    z.object({ port: z.string().transform(async (text) => Number(text)) }),
    mini.pipe(
      mini.object({ port: mini.string() }),
      mini.transform(({ port }) => ({ port: Number(port) })),
    ),
    v.object({ port: v.pipe(v.string(), v.transform(Number)) }),
    v.objectAsync({
      port: v.pipeAsync(
        v.string(),
        v.transformAsync(async (x) => Number(x)),
      ),
    }),
  ];
  for (const schema of schemas)
    assert.deepEqual(await readGood(files, { file: 'a.json', schema }), { port: 80 });
});

test('what breaks the schema has line and column', async () => {
  const schema = MODEL;
  assert.deepEqual(await saidOf([fileOf('config.yaml', CONFIG)], { file: 'config.yaml', schema }), [
    'config.yaml:3:15: /inference/batch_size too big: expected number to be <=64 (is 128) [LG_VALIDATE_SCHEMA]',
  ]);
  const several = fileOf('a.yaml', 'model: a\n---\nmodel:\n  5\n');
  assert.deepEqual(
    await saidOf([several], { file: 'a.yaml', schema: v.array(v.object({ model: v.string() })) }),
    ['a.yaml:4:3: /1/model invalid type: Expected string but received 5 [LG_VALIDATE_SCHEMA]'],
  );
  const all = z.object({ 'a.yaml': z.any(), 'config.yaml': MODEL });
  assert.match(
    (await saidOf([several, fileOf('config.yaml', CONFIG)], { schema: all }))[0] ?? '',
    /^config\.yaml:3:15: /,
  );
});

test('findings are bounded', async () => {
  const file = fileOf('a.json', JSON.stringify(Array(300).fill('x')));
  const said = await saidOf([file], { file: 'a.json', schema: z.array(z.number()) });
  assert.equal(said.length, 101);
  assert.match(said.at(-1) ?? '', /200 more findings are not shown/);
});

const KEYS = [fileOf('db/PORT', '5432'), fileOf('db/TLS', 'true'), fileOf('db/NAME', 'a\n')];

test('keys are one object of texts, and the schema makes numbers and booleans of them', async () => {
  const files = [...KEYS, fileOf('db/deeper/x', 'x'), fileOf('other', 'x')];
  assert.deepEqual(await readGood(files, { keys: 'db/' }), {
    PORT: '5432',
    TLS: 'true',
    NAME: 'a\n',
  });
  assert.deepEqual(await readGood(files, { keys: '.' }), { other: 'x' });
  const schema = z.object({
    PORT: z.coerce.number(),
    TLS: z.stringbool(),
    NAME: z.string().trim(),
  });
  assert.deepEqual(await readGood(files, { keys: 'db', schema }), {
    PORT: 5432,
    TLS: true,
    NAME: 'a',
  });
  assert.match((await saidOf(files, { keys: 'bd' }))[0] ?? '', /^bd: is not in the snapshot/);
});

test('a finding about a key names its file', async () => {
  const schema = z.object({ PORT: z.coerce.number().max(1024), TIMEOUT: z.string() });
  assert.deepEqual(await saidOf(KEYS, { keys: 'db', schema }), [
    'db/PORT: too big: expected number to be <=1024 (is "5432") [LG_VALIDATE_SCHEMA]',
    'db/TIMEOUT: is missing, and the schema requires it [LG_VALIDATE_SCHEMA]',
  ]);
  const odd = [fileOf('A', ''), fileOf('B', '0x10'), fileOf('C', ' 7\n')];
  const numbers = z.record(z.string(), z.coerce.number());
  assert.deepEqual(await saidOf(odd, { keys: '.', schema: numbers }), [
    'A: must be a decimal number [LG_VALIDATE_SCHEMA]',
    'B: must be a decimal number [LG_VALIDATE_SCHEMA]',
  ]);
});

test('a key named __proto__ changes no object', async () => {
  const value = await readGood([fileOf('__proto__', 'x'), fileOf('a', 'y')], { keys: '.' });
  assert.deepEqual(Object.entries(value as object).toSorted(), [
    ['__proto__', 'x'],
    ['a', 'y'],
  ]);
});

const CREDENTIALS = [secretFile('db/username', 'svc'), secretFile('db/password', 'hunter2')];

test('P8 values of secret files are secrets, without a schema and with one', async () => {
  const schema = secret(z.object({ username: z.string(), password: z.string().min(2) }));
  for (const view of [{ keys: 'db' }, { keys: 'db', schema }]) {
    const value = (await readGood(CREDENTIALS, view)) as ValueOf<typeof schema>;
    assert.equal(value.password.reveal(), 'hunter2');
    assert.doesNotMatch(`${JSON.stringify(value)}${inspect(value)}`, /hunter2|svc/);
  }
  const file = secretFile('credentials.yaml', 'password: hunter2\nretries: 3\n');
  const value = (await readGood([file], { file: 'credentials.yaml' })) as Record<string, Secret>;
  assert.deepEqual(
    Object.values(value).map((each) => each.reveal()),
    ['hunter2', 3],
  );
  assert.ok((await readGood(CREDENTIALS, { file: 'db/password' })) instanceof Secret);
});

test('P8 of all files, only those that are secret give secrets', async () => {
  const files = [fileOf('config.yaml', 'a: 1\n'), ...CREDENTIALS];
  const value = (await readGood(files, {})) as Record<string, unknown>;
  assert.deepEqual(value['config.yaml'], { a: 1 });
  assert.ok(value['db/password'] instanceof Secret);
});

test('a schema of a secret gives secrets also where the volume is not secret, as on a laptop', async () => {
  const schema = secret(z.object({ PORT: z.coerce.number() }));
  const value = (await readGood(KEYS, { keys: 'db', schema })) as ValueOf<typeof schema>;
  const port: number = value.PORT.reveal();
  assert.equal(port, 5432);
});

test('P8 a secret file is refused if its schema would return plain values', async () => {
  const schema = z.object({ password: z.string() });
  assert.deepEqual(await saidOf(CREDENTIALS, { keys: 'db', schema }), [
    'db/: the file is secret, and its schema returns plain values: use secret(schema) [LG_VALIDATE_SCHEMA_FAULT]',
  ]);
  const own = z.object({ password: z.string().transform((text) => new Secret(text)) });
  assert.deepEqual(await readGood(CREDENTIALS, { keys: 'db', schema: own }), {
    password: new Secret('hunter2'),
  });
});

test('P8 no finding quotes a secret, whatever the schema says', async () => {
  const schemas = [
    z.strictObject({ username: z.literal('a'), password: z.number() }),
    z.object({ password: z.string().refine(() => false, 'hunter2 is weak') }),
    z.object({
      password: z.string().refine(() => {
        throw new Error('hunter2');
      }),
    }),
    z.object({ password: z.coerce.number() }),
    v.object({ password: v.picklist(['a']) }),
  ];
  for (const schema of schemas) {
    const said = await saidOf(CREDENTIALS, { keys: 'db', schema: secret(schema) });
    assert.doesNotMatch(said.join('\n'), /hunter2|svc/);
  }
});

function standard(validate: (value: unknown) => unknown): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'test', validate } } as StandardSchemaV1;
}

test('a schema that throws, or answers nonsense, refuses', async (t) => {
  const unhandled = t.mock.fn();
  process.on('unhandledRejection', unhandled);
  t.after(() => process.off('unhandledRejection', unhandled));
  const boom = (): never => {
    throw new Error('boom');
  };
  const schemas: readonly StandardSchemaV1[] = [
    standard(boom),
    standard(async () => boom()),
    standard(() => undefined),
    standard(() => ({ issues: [null] })),
    z.any().refine(boom),
    z.any().refine(async () => boom()),
    v.pipeAsync(
      v.any(),
      v.checkAsync(async () => boom()),
    ),
  ];
  for (const schema of schemas)
    assert.match(
      (await saidOf([fileOf('a.json', '{}')], { file: 'a.json', schema }))[0] ?? '',
      /^a\.json:1:1: the schema throws: .* \[LG_VALIDATE_SCHEMA_FAULT\]$/,
    );
  await new Promise(setImmediate);
  assert.equal(unhandled.mock.callCount(), 0);
});

test('a schema that never answers refuses, and may fail later', async () => {
  const late = Promise.withResolvers<unknown>();
  const file = fileOf('a.json', '{}');
  // The time-out does not keep this process alive.
  const alive = setInterval(() => {}, 1000);
  const schema = standard(() => late.promise);
  assert.deepEqual(await saidOf([file], { file: 'a.json', schema }, 20), [
    'a.json:1:1: the schema does not answer within 20ms [LG_VALIDATE_SCHEMA_FAULT]',
  ]);
  clearInterval(alive);
  late.reject(new Error('and then it fails'));
  await new Promise(setImmediate);
});

test('of all files, one that is not text and has an unknown name is bytes', async () => {
  const files = [fileOf('logo', new Uint8Array([0xff, 0])), fileOf('LEVEL', 'info')];
  assert.deepEqual(await readGood(files, {}), { LEVEL: 'info', logo: new Uint8Array([0xff, 0]) });
});

test('bytes that an app changes are not those of the snapshot', async () => {
  const file = fileOf('key', 'abc');
  const value = (await readGood([file], { file: 'key', format: 'binary' })) as Uint8Array;
  value[0] = 0;
  assert.equal(file.bytes.toString(), 'abc');
});

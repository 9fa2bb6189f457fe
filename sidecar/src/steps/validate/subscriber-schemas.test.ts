import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding } from '@lastgood/core/model/finding.ts';
import type { SubscriberSchema } from '@lastgood/core/model/sdk-protocol.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { ENDING, fileOf, PATIENT, snapshotOf } from './snapshot.testing.ts';
import { createSubscriberSchemas, schemaBytes } from './subscriber-schemas.ts';
import type { Limits } from './task.ts';
import { createValidator } from './validator.ts';

const SIZE = { type: 'object', properties: { size: { type: 'integer', maximum: 64 } } };
const OF_CONFIG: SubscriberSchema = { file: 'config.yaml', schema: SIZE };

/** A validator without checks of settings, and the schemas of its apps. */
async function start({ limits = PATIENT }: { readonly limits?: Limits } = {}) {
  const subscriberSchemas = createSubscriberSchemas();
  const validate = await createValidator([], { subscriberSchemas, limits });
  const say = async (...files: readonly SnapshotFile[]) => {
    const { findings } = await validate(snapshotOf(...files));
    return findings.map(formatFinding);
  };
  const set = (schemas: readonly SubscriberSchema[], id = 'a', name: string | null = 'web') =>
    subscriberSchemas.set({ id, name: name ?? undefined }, schemas);
  return { subscriberSchemas, validate, say, set };
}

/** The findings of one schema about `config.yaml`. */
async function saidOf(schema: unknown, content: string): Promise<readonly string[]> {
  const { set, say } = await start();
  assert.deepEqual(await set([{ file: 'config.yaml', schema }]), []);
  return say(fileOf('config.yaml', content));
}

const large = fileOf('config.yaml', 'model: small\nsize: 128\n');

test('a candidate that breaks the schema of an app is rejected, with its line and the name of the app', async () => {
  const { set, say } = await start();
  assert.deepEqual(await say(large), []);
  assert.deepEqual(await set([OF_CONFIG]), []);
  const said = (who: string) => [
    `config.yaml:2:7: /size must be <= 64 (is 128), by the schema of ${who} [LG_VALIDATE_SCHEMA]`,
  ];
  assert.deepEqual(await say(large), said('the app "web"'));
  await set([OF_CONFIG], 'b', 'worker');
  await set([OF_CONFIG], 'c', 'worker');
  assert.deepEqual(await say(large), said('the app "web" and 2 more'));
  assert.deepEqual(await say(fileOf('config.yaml', 'size: 64')), []);
});

test('the schemas of an app end with it, and newer ones replace them', async () => {
  const { subscriberSchemas, set, say } = await start();
  await set([OF_CONFIG], 'a', null);
  await set([OF_CONFIG], 'b');
  subscriberSchemas.delete('b');
  const [said = ''] = await say(large);
  assert.match(said, /by the schema of an app \[/);
  await set([{ file: 'config.yaml', schema: {} }]);
  assert.deepEqual(await say(large), []);
  await set([OF_CONFIG]);
  subscriberSchemas.delete('a');
  assert.deepEqual(await say(large), []);
});

test('an app that leaves while its schemas are compiled leaves none behind', async () => {
  const { subscriberSchemas, set } = await start();
  const compiling = [set([OF_CONFIG]), set([{ file: 'b.yaml', schema: {} }])];
  subscriberSchemas.delete('a');
  await Promise.all(compiling);
  assert.deepEqual(subscriberSchemas.list(), []);
});

test('content that an app takes is checked once', async () => {
  const { subscriberSchemas, set } = await start();
  await set([OF_CONFIG]);
  let calls = 0;
  const counted = subscriberSchemas.list().map((kept) => {
    const check = (...args: Parameters<typeof kept.check>) => {
      calls += 1;
      return kept.check(...args);
    };
    return { ...kept, check };
  });
  const validate = await createValidator([], { subscriberSchemas: { list: () => counted } });
  const good = fileOf('config.yaml', 'size: 64');
  for (const other of ['1', '2', '3']) await validate(snapshotOf(good, fileOf('other', other)));
  assert.equal(calls, 1);
  for (const _ of [1, 2]) assert.equal((await validate(snapshotOf(large))).accepted, false);
  assert.equal(calls, 3);
});

test('checks of the settings come first: an app does not repeat a rejection', async () => {
  const subscriberSchemas = createSubscriberSchemas();
  const check = {
    files: 'missing.yaml',
    format: 'auto',
    strict: false,
    tags: [],
    rules: [],
  } as const;
  const validate = await createValidator([{ ...check, schema: undefined }], { subscriberSchemas });
  await subscriberSchemas.set({ id: 'a', name: 'web' }, [OF_CONFIG]);
  const { findings } = await validate(snapshotOf(large));
  assert.deepEqual(findings.map(formatFinding), [
    'missing.yaml: is not in the snapshot [LG_VALIDATE_MISSING]',
  ]);
});

test('a file is read as the app reads it', async () => {
  const { set, say } = await start();
  const list = { type: 'array', minItems: 2 };
  await set([
    { file: './config.conf', format: 'yaml', schema: SIZE },
    { file: 'two.yaml', schema: list },
    { keys: 'db/', schema: { properties: { port: { type: 'string', maxLength: 4 } } } },
  ]);
  const good = [
    fileOf('config.conf', 'size: 64'),
    fileOf('two.yaml', 'a: 1\n---\nb: 2\n'),
    fileOf('db/port', '5432'),
  ] as const;
  assert.deepEqual(await say(...good), []);
  assert.deepEqual(
    await say(
      fileOf('config.conf', 'a: 1\nsize: 65'),
      fileOf('two.yaml', 'a: 1\n'),
      fileOf('db/port', '54321'),
    ),
    [
      'config.conf:2:7: /size must be <= 64 (is 65), by the schema of the app "web" [LG_VALIDATE_SCHEMA]',
      'db/port: must have at most 4 characters (is "54321"), by the schema of the app "web" [LG_VALIDATE_SCHEMA]',
      'two.yaml:1:1: must be array (is an object), by the schema of the app "web" [LG_VALIDATE_SCHEMA]',
    ],
  );
  assert.match(
    (await say(fileOf('other', '1'))).join('\n'),
    /config\.conf: is not in the snapshot/,
  );
  await set([{ schema: { required: ['a.yaml'], properties: { 'a.yaml': SIZE } } }]);
  assert.deepEqual(await say(fileOf('a.yaml', 'size: 1')), []);
  assert.match((await say(fileOf('a.yaml', '\nsize: 65')))[0] ?? '', /^a\.yaml:2:7: /);
});

test('P8 of a secret file no value and no key is shown', async () => {
  const { set, say } = await start();
  await set([{ file: 'db.yaml', schema: { additionalProperties: { type: 'number' } } }]);
  const said = await say(fileOf('db.yaml', 'hunter2: hunter3', true));
  assert.equal(said.length, 1);
  assert.doesNotMatch(said.join(''), /hunter/);
});

test('P8 a const or an enum shows nothing of a secret, in whichever view it is', async () => {
  const rules = [
    { const: 'swordfish' },
    { enum: ['swordfish', 'sesame'], maxLength: 3 },
    { not: { const: 'hunter3' } },
    { anyOf: [{ const: 'swordfish' }, { enum: ['sesame'] }] },
  ];
  const views = (rule: object): readonly SubscriberSchema[] => [
    { file: 'db/main.yaml', schema: { properties: { mode: rule } } },
    { file: 'db/main.yaml', schema: { additionalProperties: rule } },
    { keys: 'db', schema: { properties: { mode: rule } } },
    { schema: { properties: { 'db/main.yaml': { properties: { mode: rule } } } } },
  ];
  for (const rule of rules)
    for (const view of views(rule)) {
      const { set, say } = await start();
      assert.deepEqual(await set([view]), []);
      const said = (isSecret: boolean) =>
        say(
          fileOf('db/main.yaml', 'mode: hunter3\n', isSecret),
          fileOf('db/mode', 'hunter3', isSecret),
        );
      const about = JSON.stringify(view);
      const sealed = await said(true);
      assert.equal(sealed.length > 0, true, about);
      assert.doesNotMatch(sealed.join(), /hunter/, about);
      // So that the test can fail.
      if ('maxLength' in rule) assert.match((await said(false)).join(), /hunter3/, about);
    }
});

test('P11 a format, an alternative and a bound refuse only what each reader of the schema refuses', async () => {
  for (const [schema, value] of [
    [{ format: 'date-time' }, '2024-01-01'],
    [{ oneOf: [{ format: 'email' }, { format: 'uri' }] }, 'a@b.co'],
    [{ not: { format: 'email' } }, 'a@b.co'],
    [{ if: { pattern: '^a' }, else: false }, 'b'],
    [{ contains: { const: 1 }, maxContains: 1 }, '[1, 1]'],
    [{ minLength: 2 }, '😀'],
    [{ pattern: '^..$' }, '😀'],
    [{ maximum: 9007199254740992 }, '9007199254740993'],
    [{ multipleOf: 0.01 }, '1.11'],
    [{ type: 'number' }, '.inf'],
    [{ requried: ['a'] }, 'a: 1'],
  ] as const)
    assert.deepEqual(await saidOf(schema, `${value}\n`), [], JSON.stringify(schema));
});

test('and these are refused, in the words of other checks', async () => {
  for (const [schema, value, expected] of [
    [{ oneOf: [{ type: 'number' }, { type: 'boolean' }] }, 'a', /must be number/],
    [{ not: { const: 'a' } }, 'a', /must NOT be valid/],
    [{ minLength: 3 }, 'ab', /must have at least 3 characters \(is "ab"\)/],
    [{ multipleOf: 2 }, '3', /must be multiple of 2 \(is 3\)/],
    [{ pattern: '^a+$' }, 'ab', /must match pattern/],
    [{ anyOf: [{ pattern: '^a$' }, { pattern: '^b$' }] }, 'c', /must match pattern/],
    [{ $ref: '#/$defs/a', $defs: { a: { type: 'null' } } }, '1', /must be null/],
  ] as const)
    assert.match((await saidOf(schema, `${value}\n`)).join('\n'), expected);
});

test('a schema that cannot be used is a problem, and the others are kept', async () => {
  const { set, say } = await start();
  const deep = JSON.parse(`${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`);
  const given: readonly unknown[] = [
    { file: 'a', schema: { type: 'nothing' } },
    { file: 'b', schema: { $ref: '/etc/passwd' } },
    { file: 'c', schema: { $ref: 'https://example.com/a.json' } },
    { file: 'd', schema: { $ref: '#/$defs/none' } },
    { file: 'e', schema: { pattern: '(' } },
    { file: 'f', schema: { $schema: 'http://json-schema.org/draft-04/schema#' } },
    { file: 'g', schema: { $id: 'https://json-schema.org/draft/2020-12/schema', type: 'null' } },
    { file: 'h', schema: deep },
    { file: 'i', schema: { $ref: '#' } },
    { file: 'j', schema: null },
    { file: 'k', keys: 'k', schema: {} },
    { file: 1, schema: {} },
    { file: 'l', format: 'xml', schema: {} },
    null,
    OF_CONFIG,
  ];
  const problems = await set(given as readonly SubscriberSchema[]);
  assert.equal(problems.length, given.length - 1);
  for (const [index, expected] of [
    /^a: \/type must be/,
    /^b: .*must not refer to a file/,
    /^c: .*nothing is fetched from the network/,
    /^d: .*does not exist/,
    /^e: /,
    /^f: its \$schema is/,
    /^g: /,
    /^h: /,
    /^i: it refers to itself without end/,
    /must be a JSON Schema/,
    /not both/,
    /must be paths/,
    /^format must be one of yaml/,
    /must be an object/,
  ].entries())
    assert.match(problems[index] ?? '', expected);
  assert.equal((await say(large)).length, 1);
});

test('schemas are bounded in number and size', async () => {
  const { set, subscriberSchemas } = await start();
  const different = (count: number, rest = {}) =>
    Array.from({ length: count }, (_, index) => ({
      file: 'config.yaml',
      schema: { const: index, ...rest },
    }));
  const many = await set(different(101));
  assert.equal(many.filter((problem) => /more than 32 different/.test(problem)).length, 100 - 32);
  assert.match(many.at(-1) ?? '', /more than 100 schemas/);
  assert.equal(subscriberSchemas.list().length, 32);
  const heavy = await set(different(5, { description: 'x'.repeat(250_000) }));
  assert.equal(heavy.length, 1);
});

test('schemas that an app sends again while they are compiled are not compiled twice', async () => {
  const { set, subscriberSchemas } = await start();
  const send = () => set([OF_CONFIG, { file: 'other.yaml', schema: { type: 'nothing' } }]);
  const waiting = [send(), send()];
  await waiting[0];
  assert.deepEqual(subscriberSchemas.list().length, 1);
  const [first, again] = await Promise.all(waiting);
  assert.match(String(first), /^other\.yaml: \/type must be/);
  assert.deepEqual(again, first);
});

test('newer schemas of an app replace those that wait', async () => {
  const { set, subscriberSchemas } = await start();
  const first = set([OF_CONFIG], 'a');
  const waiting = set([{ ...OF_CONFIG, file: 'older.yaml' }], 'b');
  const newer = set([{ ...OF_CONFIG, file: 'newer.yaml' }], 'b');
  const order: string[] = [];
  void first.then(() => order.push('first'));
  assert.deepEqual(await waiting, []);
  order.push('waiting');
  await Promise.all([first, newer]);
  assert.deepEqual(order, ['waiting', 'first']);
  assert.deepEqual(
    subscriberSchemas.list().map(({ view }) => view.file),
    ['config.yaml', 'newer.yaml'],
  );
});

test('P9: the schemas of the apps are bounded by the memory of the sidecar', async () => {
  const MIB = 2 ** 20;
  // The limits of the image and of the pod in the docs: compiling 54 KiB takes 40 MiB.
  assert.equal(schemaBytes(36 * MIB, 64 * MIB, 1), 16 * 2 ** 10);
  assert.equal(schemaBytes(36 * MIB, 64 * MIB, 4), 8 * 2 ** 10);
  assert.equal(schemaBytes(4096 * MIB, 24_000 * MIB, 1), MIB);
  const schemas = createSubscriberSchemas(16 * 2 ** 10);
  const large = { schema: { description: 'x'.repeat(16 * 2 ** 10) } };
  const problems = await schemas.set({ id: 'a', name: 'app' }, [
    { schema: { type: 'object' } },
    large,
  ]);
  assert.match(problems.join(), /16 KiB of them, which is what the memory allows$/);
  assert.equal(schemas.list().length, 1);
});

test('equal schemas of many processes are compiled once', async () => {
  const { set, subscriberSchemas } = await start();
  await Promise.all(Array.from({ length: 200 }, (_, index) => set([OF_CONFIG], String(index))));
  const [only, ...others] = subscriberSchemas.list();
  assert.equal(others.length, 0);
  assert.equal(only?.names.length, 200);
});

test('P11 a schema that takes too long says nothing about the file: the app answers later', async () => {
  const { set, validate } = await start({ limits: ENDING });
  await set([{ file: 'a.txt', format: 'text', schema: { pattern: '^(a+)+$' } }]);
  const verdict = await validate(snapshotOf(fileOf('a.txt', `${'a'.repeat(100)}b`)));
  assert.equal(verdict.accepted, true);
  assert.match(
    verdict.findings.map(formatFinding).join('\n'),
    /takes more than 1s to check, by the schema/,
  );
});

test('a large file is checked in a worker thread', async () => {
  const { set, say } = await start();
  await set([OF_CONFIG]);
  const content = `${'# a comment\n'.repeat(4_000)}size: 65\n`;
  assert.match(
    (await say(fileOf('config.yaml', content))).join(''),
    /^config\.yaml:4001:7: \/size must be/,
  );
});

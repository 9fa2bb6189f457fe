import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moduleAsking, moduleOf, saidBy } from './module.testing.ts';

const MODEL = `z.strictObject({
  model: z.object({ labels: z.int().max(64), name: z.string() }),
  routes: z.record(z.string().regex(/^[a-z]+$/), z.url()).optional(),
  devices: z.array(z.enum(['cpu', 'cuda'])).optional(),
  caching: z.union([z.null(), z.strictObject({ ttl: z.number() })]).optional(),
  password: z.string().min(8).optional(),
})`;

const BROKEN: readonly (readonly [content: string, ...said: string[]])[] = [
  ['model: { labels: 64, name: bert }\n'],
  [
    'model:\n  labels: 128\n  name: 5\n',
    '2:11: /model/labels too big: expected number to be <=64 (is 128)',
    '3:9: /model/name invalid input: expected string, received number (is 5)',
  ],
  [
    'model: { labels: 2 }\n',
    '1:8: /model/name invalid input: expected string, received undefined (is missing)',
  ],
  ['', '1:1: has no YAML value [LG_VALIDATE_EMPTY]'],
  ['[]\n', '1:1: invalid input: expected object, received array'],
  [
    'model: { labels: 2, name: a }\nmodle: 1\n"x\\ny": 2\n',
    '2:1: must not have the property "modle"',
    '3:1: must not have the property "x\\ny"',
  ],
  [
    'model: { labels: 2, name: a }\nroutes:\n  A: http://a/\n  b: "http://u:hunter2@ x"\n',
    '3:3: /routes/A invalid key in record',
    '4:6: /routes/b invalid URL (is text)',
  ],
  [
    'model: { labels: 2, name: a }\ndevices: [cpu, gpu]\n',
    '2:16: /devices/1 invalid option: expected one of "cpu"|"cuda" (is "gpu")',
  ],
  [
    'model: { labels: 2, name: a }\ncaching: { ttl: x, size: 1 }\n',
    '2:17: /caching/ttl invalid input: expected number, received string (is "x")',
    '2:20: /caching must not have the property "size"',
  ],
  ['model: { labels: 2, name: a }\ncaching: 5\n', '2:10: /caching invalid input (is 5)'],
  [
    'model: { labels: 2, name: a }\npassword: abc\n',
    '2:11: /password too small: expected string to have >=8 characters',
  ],
];

for (const [content, ...said] of BROKEN)
  test(`zod reports for ${JSON.stringify(content)}: ${said[0] ?? 'nothing'}`, async (t) => {
    assert.deepEqual(await saidBy(await moduleOf(t, MODEL), content), said);
  });

test('zod/mini and valibot report an issue at its position, and the value once', async (t) => {
  const mini = await moduleOf(
    t,
    `mini.object({ a: mini.array(mini.number('Must be a number.')) })`,
  );
  assert.deepEqual(await saidBy(mini, 'a:\n  - 1\n  - x\n'), [
    '3:5: /a/1 must be a number (is "x")',
  ]);
  const valibot = await moduleOf(
    t,
    'v.strictObject({ a: v.pipe(v.number(), v.maxValue(64)), b: v.string() })',
  );
  assert.deepEqual(await saidBy(valibot, 'a: 128\n'), [
    '1:1: /b invalid key: Expected "b" but received undefined (is missing)',
    '1:4: /a invalid value: Expected <=64 but received 128',
  ]);
  assert.deepEqual(await saidBy(valibot, 'a: x\nb: y\nc: z\n'), [
    '1:4: /a invalid type: Expected number but received "x"',
    '3:1: /c invalid key: Expected never but received "c"',
  ]);
});

test('a message that names the path by itself names it once', async (t) => {
  const asArkType = `() => ({ issues: [
    { message: 'a[0] must be a number (was a string)', problem: 'must be a number (was a string)', path: ['a', 0] },
  ] })`;
  assert.deepEqual(await saidBy(await moduleAsking(t, asArkType), 'a: [x]\n'), [
    '1:5: /a/0 must be a number (was a string) (is "x")',
  ]);
});

test('P8: for a secret file only the location is shown', async (t) => {
  const content = 'model: { labels: hunter1 }\nhunter2: x\nroutes: { Hunter3: hunter4 }\n';
  assert.deepEqual(await saidBy(await moduleOf(t, MODEL), `${content}devices: [hunter5]\n`, true), [
    '1:8: /*/* does not match the schema',
    '1:18: /*/* does not match the schema',
    '2:1: must not have a property that the schema does not name',
    '3:11: /*/* does not match the schema',
    '4:11: /*/0 does not match the schema',
  ]);
  const quoting = `(value) => ({ issues: [{ message: value.a, path: [value.a, 'b'] }, { message: '', path: ['l', value.a] }] })`;
  assert.deepEqual(await saidBy(await moduleAsking(t, quoting), 'a: 77777\nl: [1]\n', true), [
    '1:1: /*/* does not match the schema',
    '2:4: /*/* does not match the schema',
  ]);
});

test('P8: no message of a schema quotes a credential, nor a text that may hold one', async (t) => {
  const quoting = `(value) => ({ issues: [
    { message: 'got ' + value.db.password, path: ['db'] },
    { message: 'got ' + JSON.stringify(value.db.token), path: ['db', 'token'] },
    { message: 'got ' + value.url, path: ['url'] },
    { message: 'got ' + value.name, path: ['name'] },
  ] })`;
  const content =
    'db: { password: 12345, token: { old: "a\\"b" } }\nurl: http://u:hunter2@h\nname: x\n';
  assert.deepEqual(await saidBy(await moduleAsking(t, quoting), content), [
    '1:5: /db does not match the schema',
    '1:31: /db/token does not match the schema',
    '2:6: /url does not match the schema (is text)',
    '3:7: /name got x (is "x")',
  ]);
});

test('a message is one line of bounded length, and a path that leads nowhere has its nearest place', async (t) => {
  const odd = `() => ({ issues: [
    { message: 'First.\\n\\u001b[31mSecond line. ' + 'x'.repeat(300) + '.' },
    { message: 'Nowhere...', path: ['a', 'b', { key: 'c' }, Symbol('d'), 5] },
    { message: 'Inherited', path: ['constructor'] },
  ] })`;
  const said = await saidBy(await moduleAsking(t, odd), 'a:\n  b: 1\n');
  assert.deepEqual(said.toSorted(), [
    '1:1: /constructor inherited (is missing)',
    `1:1: first. [31mSecond line. ${'x'.repeat(176)}…`,
    '2:6: /a/b/c/Symbol(d)/5 nowhere... (is missing)',
  ]);
});

const FAULTS: readonly (readonly [what: string, validate: string, said: RegExp])[] = [
  ['throws', `() => { throw new Error('broken\\nhere') }`, /throws: broken here \[/],
  ['throws what is no error', '() => { throw null }', /throws \[/],
  ['recurses without end', 'function f(value) { return f(value) }', /throws: maximum call stack/],
  ['answers nothing', '() => {}', /throws: cannot use 'in' operator/],
  ['returns issues in another form', '() => ({ issues: [null] })', /throws: cannot/],
  ['returns a promise', 'async () => ({ value: 1 })', /returns a promise/],
  ['returns a thenable', '() => ({ then: () => {} })', /returns a promise/],
];

for (const [what, validate, said] of FAULTS)
  test(`a schema that ${what} is at fault itself`, async (t) => {
    const schema = await moduleAsking(t, validate);
    const [line = '', ...more] = await saidBy(schema, 'a: 1\n');
    assert.match(line, said);
    assert.match(line, /^1:1: the schema .*\[LG_VALIDATE_SCHEMA_FAULT\]$/);
    assert.deepEqual(more, []);
  });

test('P8: what a schema throws about a secret is not shown', async (t) => {
  const schema = await moduleAsking(t, '(value) => { throw new Error(value.a) }');
  assert.deepEqual(await saidBy(schema, 'a: hunter2\n', true), [
    '1:1: the schema throws [LG_VALIDATE_SCHEMA_FAULT]',
  ]);
  assert.deepEqual(await saidBy(schema, 'a: x\npassword: hunter2\n'), [
    '1:1: the schema throws: x [LG_VALIDATE_SCHEMA_FAULT]',
  ]);
});

test('a no without a reason is still a no', async (t) => {
  assert.deepEqual(await saidBy(await moduleAsking(t, '() => ({ issues: [] })'), 'a: 1\n'), [
    '1:1: does not match the schema',
  ]);
});

test('a wrong value in every row of a large table is bounded', async (t) => {
  const lines = await saidBy(await moduleOf(t, 'z.array(z.string())'), '- 1\n'.repeat(8_000));
  assert.equal(lines.length, 101);
  assert.equal(lines.at(-1), '7900 more findings are not shown [LG_VALIDATE_TOO_MANY]');
});

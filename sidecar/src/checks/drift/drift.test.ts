import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFinding, type Verdict } from '@lastgood/core/model/finding.ts';
import { fc } from '../../../../test/property.ts';
import { fileOf, snapshotOf } from '../../steps/validate/snapshot.testing.ts';
import { createValidator, type Validator } from '../../steps/validate/validator.ts';
import { compareShape } from './check-drift.ts';
import { shapesOf } from './shape.ts';

type Mode = 'warn' | 'compatible' | 'same' | 'off';

const CONFIG = `model:
  name: bert
  labels: [a, b]
  path: /models/bert
  fallback: null
server:
  port: 8080
  timeout_ms: 500
  verbose: true
routes:
  - { path: /a, weight: 1 }
  - { path: /b, weight: 2, canary: true }
`;

async function after(
  validate: Validator,
  before: readonly [string, string][],
  now: readonly [string, string][],
  secret = false,
): Promise<Verdict> {
  const [lastGood, next] = [before, now].map((files) =>
    snapshotOf(...files.map(([path, text]) => fileOf(path, text, secret))),
  );
  assert.ok(lastGood && next);
  return validate(next, { lastGood, active: lastGood });
}

async function changed(from: string, to: string, mode: Mode = 'warn', secret = false) {
  assert.ok(CONFIG.includes(from));
  const validate = await createValidator([{ shape: mode }]);
  const next = CONFIG.replace(from, to);
  const verdict = await after(validate, [['c.yaml', CONFIG]], [['c.yaml', next]], secret);
  return verdict;
}

const DIFFERENCES: readonly (readonly [what: string, from: string, to: string, said: string])[] = [
  ['a key that vanished', '  name: bert\n', '', '1:1: /model/name is no longer there (was text)'],
  ['a value that became null', 'name: bert', 'name:', '2:3: /model/name became null (was text)'],
  ['a value that became blank', 'name: bert', 'name: ""', '2:9: /model/name became empty'],
  ['another type', 'port: 8080', 'port: "8080"', '7:9: /server/port is text (was a number)'],
  [
    'a mapping in place of a list',
    '[a, b]',
    '{ a: b }',
    '3:11: /model/labels is a mapping (was a list)',
  ],
  ['a list that lost all', '[a, b]', '[]', '3:11: /model/labels became an empty list'],
  [
    'a number with zeroes too many',
    'timeout_ms: 500',
    'timeout_ms: 500000',
    '8:15: /server/timeout_ms changed by orders of magnitude (is 500000, was 500)',
  ],
  ['a number that became zero', '8080', '0', '7:9: /server/port became zero (is 0, was 8080)'],
  [
    'an entry of another kind',
    'path: /b',
    'path: 7',
    '12:13: /routes/1/path is a number (was text)',
  ],
  [
    'an entry without what all had',
    '{ path: /a, weight: 1 }',
    '{ path: /a }',
    '11:5: /routes/0/weight is no longer there (was a number)',
  ],
];

for (const [what, from, to, said] of DIFFERENCES)
  test(`${what} is reported at its position, and warned of by default`, async () => {
    const { accepted, findings } = await changed(from, to);
    assert.deepEqual(findings.map(formatFinding), [`c.yaml:${said} [LG_VALIDATE_SHAPE]`]);
    assert.deepEqual([accepted, findings[0]?.severity], [true, 'warning']);
  });

test('compatible rejects what an app may stumble over, and only warns of a number', async () => {
  for (const [what, from, to] of DIFFERENCES) {
    const { accepted } = await changed(from, to, 'compatible');
    assert.equal(accepted, /number (?:with|that)/.test(what), what);
  }
});

test('values, more entries, a key that only some entries had, and what was null are free', async () => {
  for (const [from, to] of [
    ['name: bert', 'name: roberta'],
    ['port: 8080', 'port: 9090'],
    ['[a, b]', '[a, b, c, d]'],
    [', canary: true', ''],
    ['fallback: null', 'fallback: bert-1'],
    ['server:', 'extra: 1\nserver:'],
  ] as const) {
    const { findings } = await changed(from, to, 'compatible');
    assert.deepEqual(findings, [], to);
  }
});

/** What `warn` reports of a change from one text to another. */
async function warned(before: string, now: string, mode: Mode = 'warn', secret = false) {
  const validate = await createValidator([{ shape: mode }]);
  const { findings } = await after(validate, [['c.yaml', before]], [['c.yaml', now]], secret);
  return findings.map(({ message, location }) => `${location?.line}: ${message}`);
}

test('a new entry may lack keys if there were one or two before, and as many as were added', async () => {
  const one = 'a:\n  - { name: x, run: y }\n';
  assert.deepEqual(await warned(one, `${one}  - { name: z }\n`), []);
  assert.deepEqual(await warned(one, `a:\n  - { name: z }\n${one.slice(3)}`), []);
  assert.deepEqual(await warned(one, `${one}  - { name: z, uses: q }\n`, 'compatible'), []);
  const lost = '/a/1/run is no longer there (was text)';
  const two = `${one}  - { name: p, run: q }\n`;
  assert.deepEqual(await warned(two, `${one}  - { name: p }\n`), [`3: ${lost}`]);
  assert.deepEqual(await warned(two, `${one}  - { name: p }\n  - { name: r }\n`), [
    `3: ${lost}`,
    `4: ${lost.replace('1', '2')}`,
  ]);
  const three = `${two}  - { name: r, run: s }\n`;
  assert.deepEqual(await warned(three, `${three}  - { name: t }\n`), [
    `5: ${lost.replace('1', '3')}`,
  ]);
  assert.deepEqual(await warned(one, `${one}  - { name: z }\n`, 'same'), [`3: ${lost}`]);
});

const DICTIONARIES = [
  ['labels', 'labels: { app: x, tier: y }', 'labels: { app: x }'],
  ['dependencies', 'dependencies: { a: ^1.0.0, b: ^2.0.0 }', 'dependencies: { b: ^2.0.0 }'],
  [
    'users of one kind',
    'staff: { ann: { role: a }, bob: { role: b }, eve: { role: c } }',
    'staff: { ann: { role: a }, eve: { role: c } }',
  ],
  [
    'names of loggers',
    'levels: { org.apache: WARN, com.acme.db: INFO }',
    'levels: { org.apache: WARN }',
  ],
] as const;

for (const [what, before, now] of DICTIONARIES)
  test(`entries of a dictionary come and go: ${what}`, async () => {
    assert.deepEqual(await warned(before, now, 'compatible'), []);
    assert.match((await warned(before, now, 'same')).join(), /^1: \S+ is no longer there/);
  });

test('a dictionary is one if some of its entries are unknown', async () => {
  const table = (from: number) =>
    Array.from({ length: 3_000 }, (_, at) => `k${at + from}: { a: 1, b: x }\n`).join('');
  // The shape has no more than the first values.
  assert.deepEqual(await warned(table(0), table(3)), []);
  const users = 'staff: { ann: { role: a }, bob: !include b, eve: { role: c }, joe: { role: d } }';
  assert.deepEqual(await warned(users, users.replace(', joe: { role: d }', '')), [
    '1: unknown tag !include',
  ]);
});

test('a dictionary that lost more than half of its entries is reported', async () => {
  const labels = (...names: string[]) =>
    `labels:\n${names.map((name) => `  ${name}: x\n`).join('')}`;
  const all = labels('a', 'b', 'c', 'd', 'e');
  assert.deepEqual(await warned(all, labels('a', 'b', 'c')), []);
  assert.equal((await warned(all, labels('a', 'b'))).length, 3);
});

test('another name or place of a key is one line that names both', async () => {
  const before = 'server:\n  timeout_ms: 500\n  host: a\ncache:\n  ttl: 5\n';
  assert.deepEqual(await warned(before, before.replace('timeout_ms', 'timeoutMs')), [
    '2: /server/timeout_ms is gone, /server/timeoutMs is new',
  ]);
  assert.deepEqual(await warned(before, before.replace('host', 'listen'), 'compatible'), [
    '3: /server/host is gone, /server/listen is new',
  ]);
  assert.deepEqual(await warned(before, `host: a\n${before.replace('  host: a\n', '')}`), [
    '1: /server/host is gone, /host is new',
  ]);
  const wrapped = `app:\n${before.replaceAll(/^/gm, '  ').trimEnd()}\n`;
  assert.deepEqual(await warned(before, wrapped, 'compatible'), [
    '2: /server is gone, /app/server is new',
    '5: /cache is gone, /app/cache is new',
  ]);
  assert.deepEqual(await warned(before, before.replace('host: a', 'listen: [a]'), 'same'), [
    '3: /server/host is gone, /server/listen is new',
  ]);
});

test('another name of a file is one line that names both', async () => {
  const validate = await createValidator([{ shape: 'same' }]);
  const { findings } = await after(
    validate,
    [
      ['batch_size', '32'],
      ['labels', 'a, b, c'],
      ['device', 'cuda'],
    ],
    [
      ['batch-size', '64'],
      ['classes', 'a, b, c'],
      ['precision', 'fp16'],
    ],
  );
  assert.deepEqual(findings.map(formatFinding), [
    'batch_size: is gone, "batch-size" is new [LG_VALIDATE_SHAPE]',
    'device: is no longer there [LG_VALIDATE_SHAPE]',
    'labels: is gone, "classes" is new [LG_VALIDATE_SHAPE]',
    'precision: is a new file [LG_VALIDATE_SHAPE]',
  ]);
});

test('what had no content may go, and may become anything', async () => {
  const before = 'a:\nb: []\nc: {}\nd: ""\ne: 1\n';
  assert.deepEqual(await warned(before, 'e: 1\n', 'compatible'), []);
  assert.deepEqual(await warned(before, 'a: x\nb: { x: 1 }\nc: [1]\nd: 2\ne: 1\n'), []);
  assert.deepEqual(await warned('a: 0\nb: false\n', 'other: text\nnext: 1\n', 'compatible'), [
    '1: /a is no longer there (was a number)',
    '1: /b is no longer there (was true or false)',
  ]);
});

test('a number that names something, such as a port, has no size', async () => {
  assert.deepEqual(
    await warned('port: 80\nrunAsUser: 100\n', 'port: 8080\nrunAsUser: 65534\n'),
    [],
  );
  assert.equal((await warned('port: 8080\n', 'port: 8080000\n')).length, 1);
  assert.equal((await warned('port: 8080\n', 'port: 0\n')).length, 1);
});

test('many harmless differences hide none that is rejected', async () => {
  const numbered = (count: number, entry: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => entry(index)).join('');
  const news = numbered(150, (index) => `new${index}: 1\n`);
  assert.deepEqual(await warned('a: 1\nb: 1\n', `${news}a: 1\n`, 'compatible'), [
    '1: /b is no longer there (was a number)',
  ]);
  const small = numbered(150, (index) => `k${index}: 1\n`);
  const [first] = await warned(`${small}b: 1\n`, small.replaceAll(': 1', ': 1000'), 'compatible');
  assert.equal(first, '1: /b is no longer there (was a number)');
});

test('two files that differ in everything are compared in bounded time and memory', () => {
  const record = Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`key_${at}`, 1]));
  const other = Object.fromEntries(Array.from({ length: 4_000 }, (_, at) => [`kex_${at}`, 1]));
  const entries = Array.from({ length: 50_000 }, () => ({}));
  for (const [before, now] of [
    [record, other],
    [[record], entries],
    [{ first: record }, { frist: other }],
  ]) {
    const [shape] = shapesOf([before]);
    assert.ok(shape);
    const started = process.cpuUsage();
    for (const mode of ['warn', 'compatible', 'same'] as const) {
      const issues = compareShape(shape, now, { mode, secret: false });
      assert.ok(
        issues.some(({ severity }) => severity === (mode === 'warn' ? 'warning' : 'error')),
      );
      assert.ok(issues.length <= 100);
    }
    // It takes 0.2 s; without a bound, minutes.
    assert.ok(process.cpuUsage(started).user < 20e6);
  }
});

test('same rejects new keys and files as well', async () => {
  const { accepted, findings } = await changed('server:\n', 'extra: 1\nserver:\n', 'same');
  assert.equal(accepted, false);
  assert.deepEqual(findings.map(formatFinding), ['c.yaml:6:1: /extra is new [LG_VALIDATE_SHAPE]']);
  const validate = await createValidator([{ shape: 'same' }]);
  const grown = await after(
    validate,
    [['a', '1']],
    [
      ['a', '1'],
      ['b', '2'],
    ],
  );
  assert.deepEqual(grown.findings.map(formatFinding), ['b: is a new file [LG_VALIDATE_SHAPE]']);
});

test('off tells nothing, and without a last good version there is nothing to compare', async () => {
  assert.deepEqual((await changed('name: bert', 'name:', 'off')).findings, []);
  const validate = await createValidator([{ shape: 'same' }]);
  assert.deepEqual((await validate(snapshotOf(fileOf('c.yaml', CONFIG)))).findings, []);
});

test('a file that vanished, and a value of a file-per-key volume that changed its type', async () => {
  const validate = await createValidator([]);
  const { findings } = await after(
    validate,
    [
      ['BATCH_SIZE', '32'],
      ['GPU', 'true\n'],
      ['MODEL', 'bert'],
      ['RATE', '2e-5'],
      ['URI', 'http://a'],
    ],
    [
      ['BATCH_SIZE', 'thirty-two'],
      ['GPU', ''],
      ['RATE', '3e-5'],
      ['URI', 'http://b'],
    ],
  );
  assert.deepEqual(findings.map(formatFinding), [
    'BATCH_SIZE:1:1: is text (was a number) [LG_VALIDATE_SHAPE]',
    'GPU:1:1: became empty (was true or false) [LG_VALIDATE_SHAPE]',
    'MODEL: is no longer there [LG_VALIDATE_SHAPE]',
  ]);
});

test('documents are compared in their order, and fewer of them are reported', async () => {
  const validate = await createValidator([]);
  const two = 'a: 1\n---\nb: 1\n';
  const { findings } = await after(validate, [['c.yaml', two]], [['c.yaml', 'a: x\n']]);
  assert.deepEqual(findings.map(formatFinding), [
    'c.yaml:1:1: has 1 document (had 2) [LG_VALIDATE_SHAPE]',
    'c.yaml:1:4: /a is text (was a number) [LG_VALIDATE_SHAPE]',
  ]);
});

test('a new document does not change what the others are compared with', async () => {
  const documents = 'a: 1\nb: 2\n---\nc: x\nd: y\n';
  assert.deepEqual(await warned(documents, `e: 1\n---\n${documents}`), []);
  assert.deepEqual(await warned(documents, `e: 1\n---\n${documents.replace('d: y', 'd: 1')}`), [
    '7: /d is a number (was text)',
  ]);
});

test('P8: of a secret file, another name of a key is not shown', async () => {
  assert.deepEqual(await warned('a: 1\nhunter: x\n', 'a: 1\nhutner: x\n', 'warn', true), [
    '2: a value is gone, another is new',
  ]);
});

test('P8: for a secret file neither a value nor a key is shown', async () => {
  for (const [, from, to] of DIFFERENCES) {
    const { findings } = await changed(from, to, 'warn', true);
    assert.equal(findings.length, 1);
    assert.doesNotMatch(
      JSON.stringify(findings),
      /bert|name|port|timeout|label|weight|path|500|8080/,
    );
  }
});

test('what was found stays true while a file does not change', async () => {
  const validate = await createValidator([{ shape: 'compatible' }]);
  const good: [string, string] = ['c.yaml', CONFIG];
  const bad: [string, string] = ['c.yaml', CONFIG.replace('name: bert', 'name:')];
  for (const [before, now, accepted] of [
    [good, good, true],
    [good, bad, false],
    [good, bad, false],
    [bad, bad, true],
    [bad, good, true],
    [good, good, true],
    [good, bad, false],
  ] as const)
    assert.equal((await after(validate, [before], [now])).accepted, accepted);
});

/** Reports every difference. */
const STRICT = { mode: 'same', secret: false } as const;

test('every value has its own shape, and a missing part of it is noticed', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(json, (value) => {
      const [shape] = shapesOf([value]);
      assert.ok(shape);
      assert.deepEqual(compareShape(shape, structuredClone(value), STRICT), []);
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json, { minKeys: 2 }), fc.nat(), (object, nth) => {
      const [shape] = shapesOf([object]);
      assert.ok(shape);
      const { [Object.keys(object)[nth % Object.keys(object).length] ?? '']: _, ...rest } = object;
      assert.equal(compareShape(shape, rest, STRICT).length, 1);
    }),
  );
});

test('a list of mappings with different keys takes time in proportion', () => {
  const list = Array.from({ length: 2_400 }, (_, index) => ({ [`key-${index}`]: index }));
  const before = process.cpuUsage();
  for (let round = 0; round < 20; round++) {
    const [shape] = shapesOf([list]);
    assert.equal(shape?.entries?.optional.size, list.length);
  }
  assert.ok(process.cpuUsage(before).user < 5_000_000);
});

test('the shape of a mapping with too many keys fits everything, and others keep theirs', () => {
  const keysOf = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, index]));
  const [shape] = shapesOf([{ table: keysOf(100_000), server: { port: 8080 } }]);
  assert.ok(shape);
  assert.equal(shape.keys.get('table')?.keys.size, 0);
  const other = { table: { 'key-1': 'text' }, server: {} };
  assert.deepEqual(
    compareShape(shape, other, STRICT).map(({ at }) => at.pointer),
    [['server']],
  );
});

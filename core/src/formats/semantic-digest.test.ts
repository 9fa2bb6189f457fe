import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORE_SCHEMA, loadAll, mergeTag, YAML11_SCHEMA } from 'js-yaml';
import { fc } from '../../../test/property.ts';
import type { FormatName } from './format.ts';
import { FORMATS } from './formats.ts';
import { semanticDigest } from './semantic-digest.ts';

function digestOf(name: FormatName, text: string | Buffer): string | undefined {
  return semanticDigest({ bytes: Buffer.from(text) }, FORMATS[name]);
}

function means(name: FormatName, one: string | Buffer, other: string | Buffer): boolean {
  const [a, b] = [digestOf(name, one), digestOf(name, other)];
  return a !== undefined && a === b;
}

const SAME: readonly (readonly [FormatName, string, string])[] = [
  ['yaml', 'a: 1\nb: x\n', '# why\nb:   "x"\na: 1\n'],
  ['yaml', 'a: {b: [1, 2]}\n', 'a:\n  b:\n  - 1\n  - 2\n'],
  ['yaml', 'a: [\n1\n]\n', 'a: [1]\n'],
  ['yaml', 'a: true\nb: ~\n', 'a: True\nb:\n'],
  ['yaml', 'a: &x [1]\nb: *x\n', 'a: [1]\nb: [1]\n'],
  ['yaml', 'a: |\n  x\n', 'a: "x\\n"\n'],
  ['json', '{"a": 1, "b": "x"}', '{ "b": "\\u0078",\n "a": 1 }'],
  ['jsonc', '{"a": 1}', '{"a": 1 /* one */}'],
  ['json5', '{a: "x", b: 1}', "{'b': 1, /* x */ a: 'x',}"],
  ['toml', 'a = 1\nb = "x"\n', "b = 'x' # why\na = 0x1\n"],
  ['ini', '[a]\nb = 1\n', '; why\n[a]\n\nb = 1\n'],
  ['env', 'A=1\n', '# why\nA=1\n'],
];

test('comments, formatting and the order of keys mean nothing', () => {
  for (const [name, one, other] of SAME) assert.ok(means(name, one, other), `${one} / ${other}`);
});

const DIFFERENT: readonly (readonly [FormatName, string, string])[] = [
  ...(['json', 'jsonc', 'json5', 'yaml'] as const).flatMap((name) => [
    [name, '{"id": 1161888007138312192}', '{"id": 1161888007138312193}'] as const,
    [name, '{"id": 1}', '{"id": 1.0}'] as const,
    [name, '{"id": 1}', '{"id": "1"}'] as const,
    [name, '[1, 2]', '[2, 1]'] as const,
    [name, '[[1], 2]', '[1, [2]]'] as const,
    [name, '{"a": {"b": 1}}', '{"a": ["b", 1]}'] as const,
    [name, '{"a": null}', '{"a": "null"}'] as const,
  ]),
  ['toml', 'id = 1161888007138312192', 'id = 1161888007138312193'],
  ['toml', 'a = 1', 'a = 1.0'],
  ['toml', 'a = 2026-01-31', 'a = "2026-01-31"'],
  ['toml', 'a = 2026-01-31', 'a = 2026-01-31T00:00:00'],
  ['toml', 'a = 0.0', 'a = -0.0'],
  ['yaml', 'a: *x\nb: &x 1\n', 'a: *x\nb: &x 1\n'],
  ['yaml', 'a: &x 1\nb: *x\n', 'a: &x 2\nb: *x\n'],
  ['yaml', 'a: !secret x\n', 'a: x\n'],
  ['yaml', 'a: !!str 1\n', 'a: 1\n'],
  ['yaml', 'a: 1\n', 'a: 1\n---\nb: 2\n'],
  ['yaml', 'a: 1 # x\u0085b: 2\n', 'a: 1 # y\u0085b: 3\n'],
  ['yaml', '1: a\n01: b\n', '01: b\n1: a\n'],
  ...[
    'no',
    'on',
    'y',
    '012',
    '0o14',
    '1_000',
    '12:30:00',
    '1e3',
    '0b1',
    '2026-01-31',
    '.5',
    '<<',
  ].map((plain) => ['yaml', `a: ${plain}\n`, `a: "${plain}"\n`] as const),
  ['yaml', 'a: 010\n', 'a: 8\n'],
  ['yaml', 'a: 190:20:30\n', 'a: 685230\n'],
  ['ini', '[a]\nb = 1\n', '[a]\nb = "1"\n'],
  ['env', "A='$B'\n", 'A="$B"\n'],
  ['env', 'A="x\n# y"\n', 'A="x\n# z"\n'],
  ['env', 'A=1\nB=2\n', 'B=2\nA=1\n'],
  ['properties', 'a = b\\\n  # c\n', 'a = b\\\n  # d\n'],
  ['pem', PEM('MA=='), PEM('MQ==')],
  ['dockerconfigjson', '{"auths": {}}', '{"auths": {}, "x": 1}'],
];

function PEM(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

test('whatever some reader may read otherwise is a change', () => {
  for (const [name, one, other] of DIFFERENT)
    assert.equal(means(name, one, other), false, `${name}: ${one} / ${other}`);
  const latin1 = ['a = \xe4', 'a = \xf6'].map((text) => Buffer.from(text, 'latin1')) as [
    Buffer,
    Buffer,
  ];
  assert.equal(means('properties', ...latin1), false, 'bytes that are not UTF-8');
});

/** The values of a text for readers of both versions, in a form that shows every difference. */
function valuesOf(text: string): string {
  return [CORE_SCHEMA.withTags(mergeTag), YAML11_SCHEMA]
    .map((schema) => {
      try {
        return JSON.stringify(loadAll(text, { schema }), show);
      } catch {
        return 'refused';
      }
    })
    .join(' / ');
}

function show(this: unknown, key: string, value: unknown): unknown {
  const own = (this as Record<string, unknown>)[key];
  if (own instanceof Date) return `date ${own.toISOString()}`;
  if (own instanceof Set) return ['set', ...own];
  if (typeof own === 'number') return Object.is(own, -0) ? 'number -0' : `number ${own}`;
  if (typeof own === 'string') return `text ${own}`;
  if (typeof own !== 'object' || own === null || Array.isArray(own)) return value;
  return Object.fromEntries(Object.entries(own).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const WORDS = [
  'no',
  'No',
  'y',
  'on',
  'true',
  'True',
  'null',
  '~',
  '',
  '1',
  '01',
  '0o1',
  '0x1',
  '1.0',
]
  .concat([
    '1e0',
    '1_0',
    '10',
    '1:30',
    '90',
    '.1',
    '0.1',
    '+1',
    '.inf',
    '2026-01-31',
    'a',
    '<<',
    '=',
  ])
  .concat(['9007199254740993', '9007199254740992', '-0', '0', '0b1', '1.', '1.2.3']);

const scalar = fc
  .tuple(fc.constantFrom(...WORDS), fc.constantFrom('', '"', "'"))
  .map(([word, quote]) => `${quote}${word}${quote}`);

const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  fc
    .array(fc.tuple(scalar, scalar), { maxLength: 3 })
    .map((pairs) => `{${pairs.map(([key, inner]) => `? ${key}\n : ${inner}`).join(', ')}}`),
);

test('two texts of YAML that any version reads otherwise never mean the same', () => {
  const key = fc.constantFrom('a', 'b', '"a"', '1', 'no');
  const pairs = fc.array(fc.tuple(key, value), { minLength: 1, maxLength: 2 });
  let equal = 0;
  const property = fc.property(pairs, value, (all, last) => {
    const [one, other] = [all, [...all.slice(0, -1), [all.at(-1)?.[0], last] as const]].map(
      (each) => each.map(([name, inner]) => `${name}: ${inner}\n`).join(''),
    ) as [string, string];
    if (!means('yaml', one, other)) return;
    equal += 1;
    assert.equal(valuesOf(one), valuesOf(other), `${one}\n/\n${other}`);
  });
  fc.assert(property, { numRuns: 5_000 });
  assert.ok(equal > 50, `${equal} pairs that mean the same`);
});

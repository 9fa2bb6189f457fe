import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TooHeavyHere } from '../too-heavy-here.ts';
import { SIZES } from './allocations.ts';
import { refusalOf, saidOf } from './cel.testing.ts';
import { ENVIRONMENT } from './functions.ts';
import { compilePattern } from './patterns.ts';

const LONG = 'a'.repeat(30_000);
const MANY = Array.from({ length: 14_000 }, (_, index) => index);
const TEXTS = MANY.map(() => 'text');

/** Each took all memory of a small container, most within a tenth of a second. */
const GROWING: readonly (readonly [rule: string, self: unknown])[] = [
  [`[self]${'.map(x, x + x)'.repeat(14)}.all(x, x.size() == 0)`, LONG],
  [`[self]${'.map(x, x + x)'.repeat(25)}.all(x, x.all(y, y == 1))`, [1, 2]],
  [`[bytes(self)]${'.map(x, x + x)'.repeat(15)}.all(x, x.size() == 0)`, LONG],
  [`self.map(x, [${'1, '.repeat(1_000)}1]).size() == 0`, MANY],
  ['self.map(x, {"a": x, "b": x, "c": x, "d": x}).size() == 0', MANY.map(String)],
  ['self.exists(x, self.map(y, [x, y]) == [])', MANY.slice(0, 300)],
  ['self.replace("a", self) == ""', LONG],
  ['self.replace("", self) == ""', LONG],
  [`self.map(x, "${'a'.repeat(2_000)}").join() == ""`, TEXTS],
  [`self.join("${'a'.repeat(2_000)}") == ""`, TEXTS],
  ['self.map(x, self[0].split("")).size() == 0', [LONG, ...TEXTS]],
  ['self.all(x, strings.quote(self[0]) != "")', [LONG, ...TEXTS]],
  ['self.all(x, self[0].upperAscii() != "")', [LONG, ...TEXTS]],
  ['self.all(x, self[0].lowerAscii() != "")', [LONG, ...TEXTS]],
  ['self.all(x, string(bytes(self[0])) != "")', [LONG, ...TEXTS]],
  ['self.all(x, self[0].size() == 30000)', [LONG, ...TEXTS]],
  [`"%s".format([[self]${'.map(x, [x, x])'.repeat(30)}]) == ""`, 1],
  ['self.all(x, "%.2f".format([1.5]) == "1.50")', MANY],
  ['self.all(x, timestamp(0).getHours("Europe/Berlin") == 1)', MANY],
  ['"x".matches(self)', 'a{1000}'.repeat(4_000)],
  ['"x".matches(self)', '((a{10}){10}){10}'.repeat(100)],
  ['"x".matches(self)', '\\pL'.repeat(10_000)],
];

for (const [rule, self] of GROWING)
  test(`a rule that makes too much is moved to a thread: ${rule.slice(0, 60)}`, () => {
    assert.throws(() => saidOf(rule, { self }), TooHeavyHere);
    // Neither can an operator hide it.
    assert.throws(() => saidOf(`${rule} || true`, { self }), TooHeavyHere);
  });

test('usual rules over a whole ConfigMap make little', () => {
  const models = Array.from({ length: 600 }, (_, index) => ({
    name: `review-model-${index}`,
    device: 'cuda:0',
    url: `https://models/reviews/${index}`,
  }));
  for (const rule of [
    'self.all(m, m.name.matches("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$") && m.url.matches("^https://"))',
    'self.all(m, m.name.size() <= 63 && m.url.endsWith("/" + m.name.split("-")[2]))',
    'self.map(m, m.name + "@" + m.device).join(",").size() > 0',
    'self.all(m, m.device in ["cpu", "cuda:0", "cuda:1", "mps"])',
    'self.all(m, m.name.replace("-", "_").upperAscii() != m.url)',
    'self.all(m, "%s on %s".format([m.name, m.device]) != "")',
  ])
    assert.equal(saidOf(rule, { self: models }), 'accepted', rule);
});

test('a pattern with many states keeps few of them', () => {
  const text = Array.from({ length: 30_000 }, (_, index) => 'ab'[((index * index * 7) % 11) % 2]);
  const regex = compilePattern('^(a|b)*a(a|b){13}$');
  regex.test(text.join(''));
  assert.ok(regex.re2().dfa.stateCount <= 500);
});

test('a rule that makes too much without any content is refused', () => {
  const expected = '5 its texts and lists have more than 500000 characters';
  assert.equal(refusalOf(`"x".matches("${'((a{10}){10}){10}'.repeat(100)}")`), expected);
});

test('what each function makes is known', () => {
  /** They return numbers, booleans, times, types or a part of their text. */
  const small = [
    ...[
      '_-_',
      '_*_',
      '_/_',
      '_%_',
      '-_',
      '!_',
      '_==_',
      '_!=_',
      '_<_',
      '_<=_',
      '_>_',
      '_>=_',
      '@in',
    ],
    ...['int', 'uint', 'double', 'bool', 'type', 'dyn', 'contains', 'startsWith', 'endsWith'],
    ...['charAt', 'indexOf', 'lastIndexOf', 'substring', 'trim'],
  ];
  const names = new Set([...ENVIRONMENT.funcs].map(({ name }) => name));
  assert.deepEqual([...names].sort(), [...small, ...Object.keys(SIZES)].sort());
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { MODEL } from '../../steps/validate/model.testing.ts';
import { NAMED_AT, pointerOf, ruleOf, saidOf } from './cel.testing.ts';
import { celInputOf, createRuleCheck } from './rules.ts';

function parsed(text: string): unknown {
  const result = yaml.parse(text);
  assert.ok(result.ok);
  return result.documents[0]?.value;
}

const SERVING = parsed(`
model: { name: sentiment-v2, labels: [a, b] }
traffic: { stable: 0.9, canary: 0.1 }
models:
  - { name: a, weight: 1, url: "http://a:8000/v2" }
  - { name: b, weight: 0.5, url: "https://b:8000/v2", gpu: 1 }
ports: [8000, 8001]
timeouts: { connect: 250ms, total: 30s }
until: "2030-01-01T00:00:00Z"
limits:
  memory: 4
  constructor: 1
debug:
`);

const HOLDS = [
  'self.traffic.stable + self.traffic.canary == 1',
  'self.traffic.all(name, self.traffic[name] >= 0 && self.traffic[name] <= 1)',
  'self.models.all(m, self.models.exists_one(other, other.name == m.name))',
  'self.models.map(m, m.name) == ["a", "b"]',
  'self.models.filter(m, has(m.gpu)).size() == 1',
  'self.models.all(m, !has(m.gpu) || m.gpu > 0)',
  'has(self.models[1].gpu) && !has(self.models[0].gpu)',
  'self.models.all(m, m.url.startsWith("http") && m.url.matches("^https?://[a-z]+:[0-9]+/"))',
  'self.ports.all(p, p >= 1 && p <= 65535) && 8001 in self.ports',
  'self.ports == [8000, 8001.0] && self.ports != [8001, 8000]',
  'duration(self.timeouts.connect) < duration(self.timeouts.total)',
  'timestamp(self.until) > timestamp("2020-01-01T00:00:00Z")',
  'self.model == {"name": "sentiment-v2", "labels": ["a", "b"]}',
  'self.model.name.split("-").size() == 2 && self.model.labels.join("+") == "a+b"',
  'self.model.name.replace("-", "_").substring(0, 9) == "sentiment"',
  '" A ".trim().lowerAscii() == "a" && self.model.name.indexOf("-v") == 9',
  'self.limits.constructor == 1 && !has(self.limits.toString)',
  'self.debug == null && self.traffic != null && self.missing.exists(x, x) || true',
  'type(self.limits.memory) == int && type(self.traffic.stable) == double',
  'string(self.limits.memory) == "4" && int("4") == self.limits.memory && bool("true")',
  '(has(self.limits.cpu) ? self.limits.cpu : 2) == 2',
];

for (const rule of HOLDS)
  test(`a rule for a served model is true: ${rule}`, () => {
    assert.equal(saidOf(rule, { self: SERVING }), 'accepted');
  });

test('numbers are what they look like, whether or not they have a point', () => {
  for (const wait of [5, 5.5]) {
    const self = { wait, batch: 64, ratio: wait / 10 };
    assert.equal(saidOf('self.wait * 2 <= 11', { self }), 'accepted');
    assert.equal(saidOf('self.wait / 2.0 < 3', { self }), 'accepted');
    assert.equal(saidOf('self.wait + self.batch - 0.5 > 60 + self.ratio', { self }), 'accepted');
  }
  assert.equal(saidOf('self.a / 2 == 2', { self: { a: 5 } }), 'accepted');
  assert.equal(saidOf('self.a / 2 == 2.75', { self: { a: 5.5 } }), 'accepted');
  assert.equal(saidOf('self.a == 64 && self.a == 64.0', { self: parsed('a: 64.0') }), 'accepted');
  assert.equal(saidOf('self.a > 1e300', { self: { a: 1e301 } }), 'accepted');
});

test('a rule that is not true shows its message, or else itself', () => {
  const rule = ' self.a  > 1\n';
  assert.equal(saidOf(ruleOf(rule, 'a must be more'), { self: { a: 1 } }), 'a must be more');
  assert.equal(saidOf(rule, { self: { a: 1 } }), 'does not hold: self.a > 1');
  const long = `self.a == "${'x'.repeat(200)}"`;
  assert.equal(saidOf(long, { self: { a: 1 } }), `does not hold: ${long.slice(0, 100)}…`);
});

test('a rule about a change waits for the first version that has one before it', () => {
  const name = ruleOf('self.model.name == oldSelf.model.name', 'the name must stay');
  const growth = ruleOf('self.max <= oldSelf.max * 2');
  assert.deepEqual(
    [name.usesOld, growth.usesOld, ruleOf('self.a == 1').usesOld],
    [true, true, false],
  );
  const self = { model: { name: 'b' }, max: 64 };
  assert.equal(saidOf(name, { self }), 'accepted');
  assert.equal(saidOf(name, { self, oldSelf: self }), 'accepted');
  assert.equal(saidOf(name, { self, oldSelf: { model: { name: 'a' } } }), 'the name must stay');
  assert.equal(saidOf(growth, { self, oldSelf: { max: 32 } }), 'accepted');
  assert.match(saidOf(growth, { self, oldSelf: { max: 31 } }), /^does not hold/);
  // A loop may use the name for something else.
  assert.equal(ruleOf('self.list.all(oldSelf, oldSelf > 0)').usesOld, false);
});

test('a rule that cannot be evaluated is a finding with the reason', () => {
  const self = { a: 1, zero: 0, text: 'x', list: [1], empty: {}, big: 2 ** 53 - 1 };
  const said = (rule: string) => saidOf(rule, { self }).replace(`: ${rule}`, '');
  const cannot = (why: string) => `cannot be evaluated (${why})`;
  for (const [rule, expected] of [
    ['self.b > 1', cannot('no such key self.b')],
    ['self.empty["a"].b > 1', cannot('no such key')],
    ['self.list.all(x, x.weight > 0)', cannot('no such key x.weight')],
    ['oldSelf.b == 1 || self.empty.c == 1', 'accepted'],
    ['self.list[3] == 1', cannot('no such index')],
    ['self.text + 1 == "x1"', cannot('"+" does not take string and int')],
    ['self.text.startsWith(self.a)', cannot('there is no string.startsWith(int)')],
    ['size(self.a) > 0', cannot('there is no size(int)')],
    ['self.text && self.a == 1', cannot('a value has the wrong type')],
    ['self.text ? true : false', cannot('a value has the wrong type')],
    ['self.text.all(x, true)', cannot('a value has the wrong type')],
    ['self.a / self.zero > 1', cannot('division by zero')],
    ['self.big * self.big > 1', cannot('a number or time is out of range')],
    ['int(self.text) > 1', cannot('a value cannot be converted')],
    ['duration(self.text) > duration("1s")', cannot('a value cannot be converted')],
    [
      'timestamp(self.text) > timestamp("2030-01-01T00:00:00Z")',
      cannot('a value cannot be converted'),
    ],
    ['self.text.substring(5) == ""', cannot('no such index')],
    ['"%d".format([self.text]) == ""', cannot('an operation fails')],
    ['self.text', 'is neither true nor false (is string)'],
    ['self.empty', 'is neither true nor false (is map)'],
  ] as const)
    assert.equal(said(rule), expected, rule);
  assert.equal(
    saidOf('self.text.matches(self.bad)', { self: { text: 'x', bad: '(' } }),
    `${cannot('the pattern is not a regular expression')}: self.text.matches(self.bad)`,
  );
});

test('an or or an and is decided by the side that can be evaluated', () => {
  assert.equal(saidOf('self.missing > 1 || self.a == 1', { self: { a: 1 } }), 'accepted');
  assert.match(saidOf('self.missing > 1 && self.a == 2', { self: { a: 1 } }), /^does not hold/);
});

test('a finding points to the first field that the rule names, or to the one that fails', () => {
  const model = parsed(MODEL);
  const self = { list: [{ n: 1 }], a: { b: 1 }, key: 'b' };
  const inference = ['inference', 'batching', 'max_batch_size'];
  for (const [rule, content, pointer] of [
    ['self.inference.batching.max_batch_size < self.inference.batch_size', model, inference],
    ['self.model.name == "x" || self.inference.gpus > 1', model, ['inference', 'gpus']],
    ['self["model"]["name"] == "x"', model, ['model', 'name']],
    ['self.list[0].n > 1', self, ['list', 0, 'n']],
    ['self.list.all(x, x.n > 1)', self, ['list']],
    ['self.list.all(x, x.m > 1)', self, ['list']],
    ['self.a[self.key] > 1', self, ['a']],
    ['size(self) > 5', self, []],
    ['has(self.a.c) && self.a.c > 1', self, ['a', 'c']],
    ['[1].all(self, self > 1) || self.a.b > 1', self, ['a', 'b']],
    ['1 + 1 == 3 || dyn(false)', self, []],
  ] as const)
    assert.deepEqual(pointerOf(rule, content), pointer, rule);
});

test('a key without a value counts as absent, and a rule may compare it with null', () => {
  const self = parsed('debug:\nport: 80\n');
  assert.equal(saidOf('!has(self.debug) && !("debug" in self)', { self }), 'accepted');
  assert.equal(saidOf('self.debug == null && has(self.port)', { self }), 'accepted');
});

test('loops over long lists work, and loops over loops are bounded', () => {
  const self = { long: Array.from({ length: 20_000 }, (_, index) => index), word: 'x' };
  assert.equal(saidOf('self.long.map(x, x + 1)[19999] == 20000', { self }), 'accepted');
  assert.equal(saidOf('self.long.filter(x, x % 2 == 0).all(x, x >= 0)', { self }), 'accepted');
  assert.equal(saidOf('self.long.map(x, x) == self.long', { self }), 'accepted');
  const nested = ruleOf('self.long.all(x, self.long.exists(y, y == x))');
  const expected = /^cannot be evaluated \(its loops take more than 100000 rounds\)/;
  assert.match(saidOf(nested, { self }), expected);
  // What one rule used up is not taken from the next.
  assert.equal(saidOf('self.long.all(x, x >= 0)', { self }), 'accepted');
});

test('lists that loops make do not grow into each other', () => {
  for (const rule of [
    '[1, 2].map(x, [x].map(y, y)) == [[1], [2]]',
    '[[1]].map(x, x + [2]) == [[1, 2]] && [[1]].map(x, x + [2]) == [[1, 2]]',
    '[1, 2].map(x, [3].filter(y, y > x)) == [[3], [3]] && [].map(x, x) == []',
    '[[1].map(x, x)].all(x, x + [2] == [1, 2] && x + [3] == [1, 3])',
  ])
    assert.equal(saidOf(rule, { self: {} }), 'accepted', rule);
});

test('a pattern that backtracks elsewhere takes linear time', () => {
  const self = { text: `${'a'.repeat(30_000)}!` };
  assert.equal(saidOf('!self.text.matches("^(a+)+$")', { self }), 'accepted');
});

test('one content serves every rule, whatever its shape', () => {
  for (const value of [null, 5, 5.5, 'text', true, [], {}, [[{}]], new Date(0)]) {
    const content = celInputOf(value);
    assert.equal(ruleOf('self == self').check(content, content, false), undefined);
  }
  assert.equal(
    saidOf('self.at < timestamp("2000-01-01T00:00:00Z")', { self: { at: new Date(0) } }),
    'accepted',
  );
});

test('an integer of 64 bits is exact in rules, and a change of its last digit is a change', () => {
  const parse = (id: string) => parsed(`id: ${id}\nlist: [${id}]\n`);
  const [self, oldSelf] = ['1161888007138312193', '1161888007138312192'].map(parse);
  for (const rule of [
    'self.id == 1161888007138312193',
    'self.id > 1161888007138312192',
    'self.list[0] % 10 == 3',
    'string(self.id) == "1161888007138312193"',
    'type(self.id) == int',
  ])
    assert.equal(saidOf(rule, { self }), 'accepted', rule);
  const large = parse('18446744073709551615');
  assert.equal(saidOf('self.id == 18446744073709551615u', { self: large }), 'accepted');
  const rules = createRuleCheck([
    { rule: 'self.id == oldSelf.id', message: 'id is fixed', namedAt: NAMED_AT, verbatim: true },
  ]);
  assert.equal(rules.change(self, oldSelf, false).length, 1);
  assert.equal(rules.change(self, self, false).length, 0);
});

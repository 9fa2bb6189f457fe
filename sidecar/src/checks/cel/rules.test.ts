import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastgoodError } from '@lastgood/core/model/error.ts';
import { fc } from '../../../../test/property.ts';
import { NAMED_AT, refusalOf, ruleOf } from './cel.testing.ts';
import { compileRule } from './rules.ts';

const REFUSED: readonly (readonly [rule: string, said: string])[] = [
  ['', '1 it ends too early'],
  ['self.port >', '11 syntax error at ">"'],
  ['self.port = 80', '11 syntax error at "= 80"'],
  ['self.tls and self.port == 443', '10 syntax error at "and self.port == 443"'],
  ['size(self.list', '5 syntax error at "(self.list"'],
  ['self.name == "x', '11 syntax error at "== \\"x"'],
  ['self.a == in', '11 syntax error at "in"'],
  ['sefl.port == 80', '1 unknown name "sefl", did you mean "self"?'],
  ['value.port == 80', '1 unknown name "value", known are self, oldSelf'],
  ['self.port == oldself.port', '14 unknown name "oldself", did you mean "oldSelf"?'],
  ['self.tls || sefl.port == 80', '13 unknown name "sefl", did you mean "self"?'],
  ['self.list.all(item, itm > 0)', '21 unknown name "itm", did you mean "item"?'],
  ['self.list.all(x, true) && x', '27 unknown name "x", known are self, oldSelf'],
  ['self.name.startWith("a")', '11 unknown function "startWith", did you mean "startsWith"?'],
  ['self.name.lower() == "a"', '11 unknown function "lower"'],
  ['length(self.list) > 0', '1 unknown function "length"'],
  ['strings.quoted(self.name) == "a"', '1 unknown name "strings", known are self, oldSelf'],
  ['self.a.toString() == "a"', '8 unknown function "toString", did you mean "string"?'],
  ['constructor(self.a) == 1', '1 unknown function "constructor"'],
  ['valueOf == 1', '1 unknown name "valueOf", known are self, oldSelf'],
  ['has(self)', '1 has() takes a field, as in has(self.port)'],
  ['self.list.all(1, true)', '11 all() takes a name and a condition, as in all(x, x > 0)'],
  ['size(80) > 1', '1 there is no size(int)'],
  ['"a".contains(self.a, 1)', '5 there is no string.contains(any, int)'],
  ['self.name + 1 + "a" == "b"', '15 "+" does not take double or int and string'],
  ['self.port > "80" && 1 + "a" == ""', '23 "+" does not take int and string'],
  ['!size(self.list)', '1 "!" does not take int'],
  ['"a" in 5', '5 "in" does not take string and int'],
  ['self.tls && size(self.list)', '13 a condition must be bool, and this is int'],
  ['self.list.all(x, size(x))', '18 a condition must be bool, and this is int'],
  ['size(self.list) ? true : false', '1 a condition must be bool, and this is int'],
  ['"abc".all(x, true)', '1 string cannot be iterated over'],
  ['"abc"[0] == "a"', '1 string cannot be indexed'],
  ['size(self.list).first == 1', '17 int has no field "first"'],
  ['Model{name: "a"} == self', '1 messages are not supported, only maps such as {"key": value}'],
  ['self.name.matches("(")', '11 the pattern is not a regular expression'],
  ['duration(self.wait) < duration("5x")', '23 a value cannot be converted'],
  ['self.a / (1 / 0) > 1', '13 division by zero'],
  ['self.port + 1', '1 it must be true or false, and is double or int'],
  ['self.list.map(x, x)', '1 it must be true or false, and is list'],
  ['"\\uD800" == self.name', '1 surrogate code points are not allowed'],
  [`self.name == "${'x'.repeat(4096)}"`, '1 it is longer than 4096 characters'],
  [`${'('.repeat(2000)}1`, '1 it is nested too deeply'],
  [`1${' + 1'.repeat(150)} > self.port`, '203 it is nested deeper than 100'],
];

for (const [rule, said] of REFUSED)
  test(`a rule is refused where it is wrong: ${rule.slice(0, 60)}`, () => {
    assert.equal(refusalOf(rule), said);
  });

test('the first mistake in the order of the text is the one that is reported', () => {
  assert.match(refusalOf('self.a.foo() && self.b.bar() && baz'), /^8 unknown function "foo"/);
  assert.equal(refusalOf('bar(self.a.foo())'), '1 unknown function "bar"');
});

test('a rule that is not in the settings as it is tells its place by itself', () => {
  assert.equal(
    refusalOf('self.a > 1 &&\n  sefl.b > 1\n', false),
    '1 unknown name "sefl", did you mean "self"? (at 2:3 of the rule)',
  );
});

test('the location of a rule is only needed if it is wrong', () => {
  let asked = 0;
  const settings = (rule: string) => ({
    rule,
    message: undefined,
    verbatim: true,
    get namedAt() {
      asked += 1;
      return NAMED_AT;
    },
  });
  compileRule(settings('self.a == 1'));
  assert.equal(asked, 0);
  assert.throws(() => compileRule(settings('self.a ==')), LastgoodError);
  assert.ok(asked > 0);
});

test('a rule may end in a comment, and span several lines', () => {
  ruleOf('self.a == 1 // one');
  ruleOf('self.a == 1 // one\n  || // or\n self.b == 2\n');
});

test('whatever its text, a rule is compiled or refused as a mistake in the settings', () => {
  const words = fc.constantFrom(
    ...['self', 'oldSelf', 'x', '.a', '[0]', '["k"]', '(', ')', '[', ']', '{', '}', ','],
    ...[' == ', ' + ', ' - ', ' / ', ' && ', ' || ', '!', ' ? ', ' : ', ' in ', ' > ', '//', '\n'],
    ...['1', '0', '2.5', '1u', '"a"', 'b"a"', 'null', 'true', '"(', '\\', '`', '?', '@', '𝒳'],
    ...[
      'size',
      'has',
      '.all(x, ',
      '.map(x, ',
      '.matches("',
      'int',
      'duration',
      'strings.quote',
      '.toString(',
      'constructor',
    ],
  );
  const text = fc.array(words, { maxLength: 30 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (rule) => {
      try {
        ruleOf(rule);
      } catch (thrown) {
        assert.ok(thrown instanceof LastgoodError, String(thrown));
      }
    }),
    { numRuns: 2000, seed: 9 },
  );
});

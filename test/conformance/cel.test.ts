import assert from 'node:assert/strict';
import { test } from 'node:test';
import { casesOf, differenceOf } from './cel-cases.fixture.ts';

/** The parts of CEL that `docs/rules.md` promises, by the specification's sections of tests. */
const PROMISED = [
  'basic',
  'comparisons',
  'conversions',
  'fields',
  'fp_math',
  'integer_math',
  'lists',
  'logic',
  'macros',
  'parse',
  'string',
  'string_ext',
  'timestamps',
  'type_deductions',
];

/** Where rules differ from the specification, and why they may. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  'a field in backquotes, which self["content-type"] reads as well': [
    'fields/quoted_map_fields/field_access_slash',
    'fields/quoted_map_fields/field_access_dash',
    'fields/quoted_map_fields/field_access_dot',
    'fields/quoted_map_fields/has_field_slash',
    'fields/quoted_map_fields/has_field_dash',
    'fields/quoted_map_fields/has_field_dot',
  ],
  'a variable with a dot in its name: there are self and oldSelf': [
    'fields/qualified_identifier_resolution/qualified_ident',
    'fields/qualified_identifier_resolution/map_field_select',
    'fields/qualified_identifier_resolution/ident_with_longest_prefix_check',
  ],
  'the keys 0 and 0u in one map that a rule writes out': [
    'fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous',
  ],
  'a division by the literal 0 is refused at the start, even if its result would not matter': [
    'logic/AND/short_circuit_error_left',
    'logic/AND/short_circuit_error_right',
    'logic/OR/short_circuit_error_left',
    'logic/OR/short_circuit_error_right',
  ],
};

for (const section of PROMISED)
  test(`rules do what the CEL specification says about ${section}`, () => {
    const cases = casesOf(section);
    assert.ok(cases.length > 10, `only ${cases.length} cases`);
    const known = new Set(Object.values(KNOWN).flat());
    const wrong = cases.flatMap((each) => {
      const difference = differenceOf(each);
      if (known.has(each.name)) return difference === undefined ? `${each.name} passes by now` : [];
      return difference === undefined ? [] : `${each.name}: ${each.test.expr} ${difference}`;
    });
    assert.deepEqual(wrong, []);
  });

test('each known difference is one of a case that there is', () => {
  const names = PROMISED.flatMap((section) => casesOf(section).map(({ name }) => name));
  const known = Object.values(KNOWN).flat();
  assert.deepEqual(
    known.filter((name) => !names.includes(name)),
    [],
  );
});

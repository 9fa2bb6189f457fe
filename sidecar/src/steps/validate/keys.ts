import { decode } from '@lastgood/core/formats/decode.ts';
import { findingOfProblem } from '@lastgood/core/formats/problem.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { CheckResult } from '../../checks/check-result.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { Violation } from '../../checks/violation.ts';

/** A number as programs that read a key as one agree on: no hexadecimal digits, no `Infinity`. */
const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The files of a file-per-key volume as one object, under the names of their keys. */
export interface Keys {
  /** Directory of the keys, with a trailing slash unless it is the top. */
  readonly base: string;
  readonly texts: Readonly<Record<string, string>>;
  /** Whether one of the files is secret. */
  readonly secret: boolean;
}

export type ReadKeys =
  | { readonly ok: true; readonly keys: Keys }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads the files as text; one that is none is a finding. */
export function readKeys(files: readonly SnapshotFile[], base: string): ReadKeys {
  const texts: Record<string, string> = Object.create(null);
  const findings: Finding[] = [];
  for (const { path, bytes, secret } of files) {
    const decoded = decode(bytes);
    if (decoded.ok) texts[path.slice(base.length)] = decoded.text;
    else findings.push(...decoded.problems.map((each) => findingOfProblem(each, path, secret)));
  }
  if (findings.length > 0) return { ok: false, findings };
  return { ok: true, keys: { base, texts, secret: files.some(({ secret }) => secret) } };
}

export interface TypedKeys extends CheckResult {
  /** The keys as the schema makes them; undefined where they break it. */
  readonly object: unknown;
}

/**
 * Turns each text into the type that the schema wants, and finds what cannot be turned or breaks it.
 * Each finding is about the file of its key.
 */
export function checkKeys(keys: Keys, schema: SchemaCheck): TypedKeys {
  const { texts, secret } = keys;
  // A copy, since ajv turns the values of what it is given.
  const { violations, leftOut, value: object } = schema({ ...texts }, secret);
  const odd = Object.entries(object ?? {}).flatMap(([key, value]) =>
    isOddNumber(value, texts[key]) ? [oddNumber(key)] : [],
  );
  const findings = [...violations, ...odd].map((violation) =>
    findingAt(keys, violation, 'LG_VALIDATE_SCHEMA'),
  );
  return { findings, leftOut, object };
}

/** A schema of code may make a number of a text in its own way: 5000 of `5s`. */
function isOddNumber(value: unknown, text: string | undefined): boolean {
  if (typeof value !== 'number' || text === undefined) return false;
  return value === Number(text) && !DECIMAL.test(text);
}

function oddNumber(key: string): Violation {
  return { pointer: [key], part: 'value', message: `/${key} must be a decimal number` };
}

/** A violation, told of the file that holds the key; of the keys together where there is none. */
export function findingAt(
  { base }: Keys,
  { pointer, missing, message, code: own }: Violation,
  code: 'LG_VALIDATE_SCHEMA' | 'LG_VALIDATE_RULE',
): Finding {
  const [key = missing] = pointer;
  const file = key === undefined ? base || '.' : `${base}${key}`;
  if (pointer.length === 0 && missing !== undefined)
    return findingOf(code, ['is missing, and the schema requires it'], { file });
  // The name of the file says already which key it is about.
  const said = pointer.length === 0 ? message : message.replace(/^\/\S+ /, '');
  return findingOf(own ?? code, [said], { file });
}

import { findingOf } from '../errors.ts';
import { decode } from '../formats/decode.ts';
import { findingOfProblem } from '../formats/problem.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Finding } from '../verdict.ts';
import type { Judgement } from './findings.ts';
import type { SchemaCheck } from './schema/load.ts';
import type { Violation } from './violation.ts';

/** A number as programs that read a key as one agree on: no hexadecimal digits, no `Infinity`. */
const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The files of a file-per-key volume as one object, under the names of their keys. */
export interface Keys {
  /** Directory of the keys, with a trailing slash unless it is the top. */
  readonly base: string;
  /** Text; where a schema has been applied, also numbers and booleans. */
  readonly object: Record<string, unknown>;
  /** Whether one of the files is secret. */
  readonly secret: boolean;
}

export type ReadKeys =
  | { readonly ok: true; readonly keys: Keys }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads the files as text; one that is none is a finding. */
export function readKeys(files: readonly SnapshotFile[], base: string): ReadKeys {
  const object: Record<string, unknown> = Object.create(null);
  const findings: Finding[] = [];
  for (const { path, bytes, secret } of files) {
    const decoded = decode(bytes);
    if (decoded.ok) object[path.slice(base.length)] = decoded.text;
    else findings.push(...decoded.problems.map((each) => findingOfProblem(each, path, secret)));
  }
  if (findings.length > 0) return { ok: false, findings };
  return { ok: true, keys: { base, object, secret: files.some(({ secret }) => secret) } };
}

/**
 * Turns each text into the type that the schema wants, and finds what cannot be turned or breaks it.
 * Each finding is about the file of its key.
 */
export function judgeKeys(keys: Keys, schema: SchemaCheck): Judgement {
  const { object, secret } = keys;
  const texts = { ...object };
  const { violations, leftOut } = schema(object, secret);
  const odd = Object.entries(object).flatMap(([key, value]) =>
    typeof value === 'number' && !DECIMAL.test(String(texts[key])) ? [oddNumber(key)] : [],
  );
  const findings = [...violations, ...odd].map((violation) =>
    findingAt(keys, violation, 'LG_VALIDATE_SCHEMA'),
  );
  return { findings, leftOut };
}

function oddNumber(key: string): Violation {
  return { pointer: [key], part: 'value', message: `/${key} must be a decimal number` };
}

/** A violation, told of the file that holds the key; of the keys together where there is none. */
export function findingAt(
  { base }: Keys,
  { pointer, missing, message }: Violation,
  code: 'LG_VALIDATE_SCHEMA' | 'LG_VALIDATE_RULE',
): Finding {
  const [key = missing] = pointer;
  return findingOf(code, [message], { file: key === undefined ? base || '.' : `${base}${key}` });
}

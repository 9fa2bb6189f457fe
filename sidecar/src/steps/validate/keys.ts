import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { text } from '@lastgood/core/formats/text.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import { keepExact } from '@lastgood/core/model/exact-integers.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { type CheckResult, NO_FINDINGS } from '../../checks/check-result.ts';
import { brokenSchema, type SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { KeysCheck } from './compile-checks.ts';

/** A number that all programs read alike: no hexadecimal digits, no `Infinity`. */
const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

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

interface Keys {
  /** Directory of the keys, with a trailing slash unless it is the top. */
  readonly base: string;
  readonly texts: Readonly<Record<string, string>>;
  /** Whether one of the files is secret. */
  readonly secret: boolean;
}

type ReadKeys =
  | { readonly ok: true; readonly keys: Keys }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Reads the files as text. A file that is not text is a finding. */
function readKeys(files: readonly SnapshotFile[], base: string): ReadKeys {
  const texts: Record<string, string> = Object.create(null);
  const findings: Finding[] = [];
  for (const file of files) {
    const parsed = parseFile(file, text, { strict: true });
    if (!parsed.ok) for (const finding of parsed.findings) findings.push(finding);
    else texts[file.path.slice(base.length)] = String(parsed.documents[0]?.value);
  }
  if (findings.length > 0) return { ok: false, findings };
  return { ok: true, keys: { base, texts, secret: files.some(({ secret }) => secret) } };
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
  const odd = Object.entries(object ?? {})
    .filter(([key, value]) => isOddNumber(value, texts[key]))
    .map(([key]) =>
      brokenSchema(`/${key} must be a decimal number`, { pointer: [key], part: 'value' }),
    );
  const findings = [...issues, ...odd].map((issue) => locateInKeys(keys, issue));
  return { findings, leftOut, object };
}

/** A schema module may convert a text to a number in its own way: `5s` to 5000. */
function isOddNumber(value: unknown, written: string | undefined): boolean {
  if (typeof value !== 'number' || written === undefined) return false;
  return value === Number(written) && !DECIMAL.test(written);
}

/** An issue as a finding of the file of its key, or of the directory if it is about no key. */
function locateInKeys({ base }: Keys, { code, args, at }: Issue<ValuePath>): Finding {
  const { pointer, missing } = at;
  const [key = missing] = pointer;
  const file = key === undefined ? base || '.' : `${base}${key}`;
  if (pointer.length === 0 && missing !== undefined)
    return findingOf(code, ['is missing, and the schema requires it'], { file });
  // The name of the file already says which key it is.
  const message = String(args[0]);
  return findingOf(code, [pointer.length === 0 ? message : message.replace(/^\/\S+ /, '')], {
    file,
  });
}

import { findingOf } from '../model/error.ts';
import type { Finding } from '../model/finding.ts';
import { brokenSchema, type Issue } from '../model/issue.ts';
import type { ValuePath } from '../model/pointer.ts';
import type { VersionFile } from '../model/snapshot.ts';
import { parseFile } from './parse-file.ts';
import { text } from './text.ts';

/** A number that all programs read alike: no hexadecimal digits, no `Infinity`. */
const DECIMAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** A volume with a file for each key. */
export interface Keys {
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
export function readKeys(files: readonly VersionFile[], base: string): ReadKeys {
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

/** The numbers that a schema makes of texts that other programs would read differently: `0x20`, or none. */
export function findOddNumbers({ texts }: Keys, object: unknown): readonly Issue<ValuePath>[] {
  return Object.entries(object ?? {})
    .filter(([key, value]) => isOddNumber(value, texts[key]))
    .map(([key]) =>
      brokenSchema(`/${key} must be a decimal number`, { pointer: [key], part: 'value' }),
    );
}

/** A schema module may convert a text to a number in its own way: `5s` to 5000. */
function isOddNumber(value: unknown, written: string | undefined): boolean {
  if (typeof value !== 'number' || written === undefined) return false;
  return value === Number(written) && !DECIMAL.test(written);
}

/** An issue as a finding of the file of its key, or of the directory if it is about no key. */
export function locateInKeys({ base }: Keys, { code, args, at }: Issue<ValuePath>): Finding {
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

import { parse as parseToml } from 'smol-toml';
import type { Issue } from '../model/issue.ts';
import type { Pointer } from '../model/pointer.ts';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import { type Format, MAX_DEPTH, type Parsed } from './format.ts';
import { offsetOf } from './source-node.ts';
import { reservedKey, tooDeep } from './syntax-issues.ts';
import { issueOf } from './toml-errors.ts';
import { readTomlPositions } from './toml-positions.ts';

/**
 * TOML 1.1. Dates and times become ISO 8601 texts; an integer too large for a JavaScript number becomes
 * the nearest one, as in JSON. A file with only comments is an object without keys.
 */
export const toml: Format = { name: 'toml', extensions: ['.toml'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('TOML');
  let table: unknown;
  try {
    // Dates through Temporal: the older Date reads the 30th of February as the 1st of March.
    const options = {
      maxDepth: MAX_DEPTH,
      integersAsBigInt: 'asNeeded',
      useLegacyDate: false,
    } as const;
    table = parseToml(text, options);
  } catch (thrown) {
    return refused(text, [issueOf(thrown, text)]);
  }
  const bad: BadKey[] = [];
  const value = plainOf(table, [], bad);
  if (bad.length === 0) return accepted(text, value, () => readTomlPositions(text));
  const root = readTomlPositions(text);
  return refused(
    text,
    bad.map(({ pointer, issueAt }) => issueAt(offsetOf(root, pointer, 'key'))),
  );
}

/** A reserved key, or one nested too deep: dotted keys nest without a bound. */
interface BadKey {
  readonly pointer: Pointer;
  readonly issueAt: (offset: number) => Issue;
}

/** The value as JSON would have it. */
function plainOf(value: unknown, pointer: Pointer, bad: BadKey[]): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const isTable = Object.getPrototypeOf(value) === null;
  if (!isTable && !Array.isArray(value)) return isoOf(value);
  if (pointer.length >= MAX_DEPTH) {
    bad.push({ pointer, issueAt: tooDeep });
    return undefined;
  }
  if (Array.isArray(value))
    return value.map((item, index) => plainOf(item, [...pointer, index], bad));
  const entries = Object.entries(value).map(([key, inner]) => {
    const path = [...pointer, key];
    if (key === '__proto__') bad.push({ pointer: path, issueAt: reservedKey });
    return [key, plainOf(inner, path, bad)] as const;
  });
  return Object.fromEntries(entries);
}

/** What Temporal writes, without the time zone that it repeats in brackets. */
function isoOf(date: object): string {
  return String(date).replace(/\[.*\]$/, '');
}

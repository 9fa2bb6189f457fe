import { parse as parseToml } from 'smol-toml';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import { type Format, MAX_DEPTH, type Parsed, type Pointer, type SyntaxIssue } from './format.ts';
import { offsetOf } from './source-node.ts';
import { reservedKey, tooDeep } from './syntax-issue.ts';
import { readTomlPositions } from './toml-positions.ts';
import { complaintOf } from './toml-problems.ts';

/**
 * TOML 1.1. Dates and times become texts as ISO 8601 has them; of an integer that no JavaScript number
 * holds, the nearest one stands for it, as in JSON. A file of comments alone is an object without keys.
 */
export const toml: Format = { name: 'toml', extensions: ['.toml'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('TOML');
  let table: unknown;
  try {
    // Dates as Temporal reads them: the older Date takes the 30th of February for the 1st of March.
    const options = {
      maxDepth: MAX_DEPTH,
      integersAsBigInt: 'asNeeded',
      useLegacyDate: false,
    } as const;
    table = parseToml(text, options);
  } catch (thrown) {
    return refused(text, [complaintOf(thrown, text)]);
  }
  const bad: BadKey[] = [];
  const value = plainOf(table, [], bad);
  if (bad.length === 0) return accepted(text, value, () => readTomlPositions(text));
  const places = readTomlPositions(text);
  return refused(
    text,
    bad.map(({ pointer, complain }) => complain(offsetOf(places, pointer, 'key'))),
  );
}

/** A key that must not be there, or that stands too deep: dotted keys nest without a bound. */
interface BadKey {
  readonly pointer: Pointer;
  readonly complain: (offset: number) => SyntaxIssue;
}

/** The value as JSON would have it. */
function plainOf(value: unknown, pointer: Pointer, bad: BadKey[]): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  const isTable = Object.getPrototypeOf(value) === null;
  if (!isTable && !Array.isArray(value)) return isoOf(value);
  if (pointer.length >= MAX_DEPTH) {
    bad.push({ pointer, complain: tooDeep });
    return undefined;
  }
  if (Array.isArray(value))
    return value.map((item, index) => plainOf(item, [...pointer, index], bad));
  const entries = Object.entries(value).map(([key, inner]) => {
    const path = [...pointer, key];
    if (key === '__proto__') bad.push({ pointer: path, complain: reservedKey });
    return [key, plainOf(inner, path, bad)] as const;
  });
  return Object.fromEntries(entries);
}

/** What Temporal writes, without the time zone that it repeats in brackets. */
function isoOf(date: object): string {
  return String(date).replace(/\[.*\]$/, '');
}

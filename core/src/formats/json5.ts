import JSON5 from 'json5';
import { stripComments } from 'jsonc-parser';
import { keepExact, mayHaveLargeIntegers } from '../model/exact-integers.ts';
import type { Issue } from '../model/issue.ts';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import type { Format, Parsed } from './format.ts';
import { endOfString, LINE_BREAKS_OF_JSON5, readJsonPositions } from './json-positions.ts';
import { matchAt } from './lines.ts';
import type { SourceNode } from './source-node.ts';
import { syntaxIssue } from './syntax-issues.ts';
import { type Grammar, preferUnclosed } from './unclosed.ts';

/** JSON5 (spec.json5.org): comments, trailing commas, keys without quotes. A duplicate key is an issue. */
export const json5: Format = { name: 'json5', extensions: ['.json5'], parse };

function parse(text: string): Parsed {
  if (stripComments(text).trim() === '') return refusedAsEmpty('JSON5');
  let value: unknown;
  try {
    value = parseJson5(text);
  } catch (thrown) {
    return refused(text, [preferUnclosed(issueOf(thrown, text), text, GRAMMAR)]);
  }
  const { root, issues } = readJsonPositions(text, LINE_BREAKS_OF_JSON5, decodeKey);
  if (issues.length > 0) return refused(text, issues);
  if (mayHaveLargeIntegers(text)) keepLarge(value, root, text);
  return accepted(text, value, () => root);
}

const GRAMMAR: Grammar = {
  tokens: /\/\/[^\r\n\u2028\u2029]*|\/\*[\s\S]*?\*\/|\/\*|["'{}[\]\n]/g,
  endOfString,
};

/** json5 writes to the standard error for each U+2028 and U+2029 in a text, which are valid there. */
export function parseJson5(text: string): unknown {
  const { warn } = console;
  console.warn = () => {};
  try {
    return JSON5.parse(text);
  } finally {
    console.warn = warn;
  }
}

/** A number as JSON5 writes it: json5 itself gives only the nearest number. */
const INTEGER = /([-+]?)(\d{16,400}|0x[\da-f]{14,300})(?![\w.])/iy;

function keepLarge(parent: unknown, { children }: SourceNode, text: string): void {
  if (typeof parent !== 'object' || parent === null) return;
  for (const [key, inner] of Object.entries(parent)) {
    const node = children.get(key);
    if (node === undefined) continue;
    const [, sign, digits] = matchAt(INTEGER, text, node.offset) ?? [];
    if (typeof inner !== 'number') keepLarge(inner, node, text);
    else if (digits !== undefined)
      keepExact(parent, key, sign === '-' ? -BigInt(digits) : BigInt(digits));
  }
}

/** A key may be quoted, escaped or bare; json5 itself decodes it. */
function decodeKey(written: string): string {
  if (!/["'\\]/.test(written)) return written;
  return Object.keys(parseJson5(`{${written}:0}`) as object)[0] ?? '';
}

/** json5 reports only where it stopped, and the character there. */
function issueOf(thrown: unknown, text: string): Issue {
  const { lineNumber = 1, columnNumber = 1 } = thrown as {
    lineNumber?: number;
    columnNumber?: number;
  };
  let offset = 0;
  for (let line = 1; line < lineNumber; line++) offset = text.indexOf('\n', offset) + 1;
  // A line break counts as column 0 of the next line, and a surrogate pair as its second half.
  offset += columnNumber - 1;
  if (/[\uDC00-\uDFFF]/.test(text[offset] ?? '')) offset -= 1;
  return syntaxIssue(wordingOf(text[offset]), Math.max(0, offset));
}

function wordingOf(found: string | undefined): string {
  switch (found) {
    case undefined:
      return 'ends too early';
    case '}':
    case ']':
      return `unexpected ${found}; something before it is incomplete, or there is one bracket too many`;
    case '{':
    case '[':
      return `unexpected ${found}; a key or a comma is missing before it`;
    case ',':
    case ':':
      return `unexpected ${found}; a key or a value is missing before it`;
    case '=':
      return 'expected a colon after the key';
    case '#':
      return 'unexpected #; comments start with // or /*';
    default:
      return 'unexpected text; strings must be in quotes, with commas between entries';
  }
}

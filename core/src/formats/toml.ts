import { parse as parseToml, TomlError } from 'smol-toml';
import { keepExact } from '../model/exact-integers.ts';
import type { Issue } from '../model/issue.ts';
import type { Pointer } from '../model/pointer.ts';
import { printable } from '../model/quote.ts';
import { accepted, refused, refusedAsEmpty } from './document.ts';
import { type Format, MAX_DEPTH, type Parsed } from './format.ts';
import { matchAt } from './lines.ts';
import { offsetOf } from './source-node.ts';
import { duplicateKey, reservedKey, syntaxIssue, tooDeep } from './syntax-issues.ts';
import { endOfTomlString, readTomlPositions } from './toml-positions.ts';
import { withTemporal } from './toml-temporal.ts';
import { withShortTimes } from './toml-times.ts';
import { type Grammar, preferUnclosed } from './unclosed.ts';

/**
 * TOML 1.1. Dates and times become ISO 8601 texts; an integer too large for a JavaScript number becomes
 * the nearest one, and is kept beside it, as in JSON. A file with only comments is an object without keys.
 */
export const toml: Format = { name: 'toml', extensions: ['.toml'], parse };

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('TOML');
  let table: unknown;
  try {
    table = tableOf(text);
  } catch (thrown) {
    return refused(text, [preferUnclosed(issueOf(thrown, text), text, GRAMMAR)]);
  }
  const issues: Issue<Pointer>[] = [];
  const value = plainOf(table, [], issues);
  if (issues.length === 0) return accepted(text, value, () => readTomlPositions(text));
  const root = readTomlPositions(text);
  return refused(
    text,
    issues.map((issue) => ({ ...issue, at: offsetOf(root, issue.at, 'key') })),
  );
}

const GRAMMAR: Grammar = {
  tokens: /#[^\n]*|["'{}[\]\n]/g,
  endOfString: endOfTomlString,
  isLong: (text, start) => text.startsWith((text[start] ?? '').repeat(3), start),
  endsBracket: (text, lineStart, bracket) =>
    matchAt(TABLE, text, lineStart) !== null ||
    (bracket === '[' && matchAt(PAIR, text, lineStart) !== null),
};
/** A list in a list hardly begins a line with a word in it. */
const TABLE = /\[{1,2}[A-Za-z_][\w."'-]*\]{1,2}[ \t]*(?:[#\r\n]|$)/y;
const PAIR = /[ \t]*(?:[\w.-]+|"[^"\n]*"|'[^'\n]*')[ \t]*=/y;

/** Throws a TomlError. Of a time, nanoseconds count, as for Go; Temporal refuses more digits. */
function tableOf(text: string): unknown {
  // Dates through Temporal: the older Date reads the 30th of February as the 1st of March.
  const options = {
    maxDepth: MAX_DEPTH,
    integersAsBigInt: 'asNeeded',
    useLegacyDate: false,
  } as const;
  try {
    return withTemporal(() => parseToml(text, options));
  } catch (thrown) {
    if (!isDateRefused(thrown, text)) throw thrown;
    return withTemporal(() => parseToml(withShortTimes(text), options));
  }
}

/** Whether Temporal refuses a date or time that smol-toml found. */
function isDateRefused(thrown: unknown, text: string): boolean {
  if (!(thrown instanceof TomlError) || WORDING[messageOf(thrown)] !== undefined) return false;
  return /\d/.test(text[offsetOfError(thrown, text)] ?? '');
}

/** The value as JSON would have it. Issues are reserved keys, and dotted keys that nest too deep. */
function plainOf(value: unknown, pointer: Pointer, issues: Issue<Pointer>[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isTable = Object.getPrototypeOf(value) === null;
  if (!isTable && !Array.isArray(value)) return isoOf(value);
  if (pointer.length >= MAX_DEPTH) {
    issues.push(tooDeep(pointer));
    return undefined;
  }
  const plain: Record<string, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value)) {
    const path = [...pointer, isTable ? key : Number(key)];
    // Setting it would change the prototype.
    if (key === '__proto__') issues.push(reservedKey(path));
    else
      (plain as Record<string, unknown>)[key] =
        typeof inner === 'bigint' ? keepExact(plain, key, inner) : plainOf(inner, path, issues);
  }
  return plain;
}

/** What Temporal writes, without the time zone that it repeats in brackets. */
function isoOf(date: object): string {
  return String(date).replace(/\[.*\]$/, '');
}

const NO_DATE = 'is not a TOML date or time, such as 2026-01-31T08:00:00Z';
const NO_ESCAPE = 'unknown escape sequence; a backslash is literal in single quotes';
const NO_UNICODE =
  'a \\u or \\U needs the hexadecimal digits of a character; a backslash is literal in single quotes';

/**
 * smol-toml's messages that quote no content, and our words for them. Any other counts as a quote, so
 * that a new release of smol-toml cannot leak a secret (P8).
 */
const WORDING: Readonly<Record<string, string>> = {
  'invalid value': 'expected a value; text must be in quotes, true and false in lower case',
  'illegal leading zero': 'a number must not start with a zero; put text in quotes',
  'illegal underscore': 'an underscore in a number must be between two digits',
  'illegal character in numeric literal': 'is not a TOML number; put text in quotes',
  'unfinished numeric value': 'a number ends too early; put text in quotes',
  'invalid date-time: date part is malformed': NO_DATE,
  'invalid date-time: time part is malformed': NO_DATE,
  'control characters are not allowed in strings':
    'a control character in quotes must be written as an escape, such as \\u0000',
  'control characters are not allowed in comments':
    'control characters are not allowed in comments',
  'invalid non-hex character in unicode escape': NO_UNICODE,
  'invalid unicode escape': NO_UNICODE,
  'unrecognised escape sequence': NO_ESCAPE,
  'invalid escape: only line-ending whitespace may be escaped': NO_ESCAPE,
  'unfinished string': 'a quote is not closed',
  'unexpected end of key': 'a key, or a part of it, is missing',
  'illegal empty bare key': 'a key, or a part of it, is missing',
  'illegal quoted key: multiline strings are not allowed': 'a key must be on one line',
  'incomplete key-value: cannot find end of key': 'expected "=" after the key',
  'expected comma or end of structure': 'expected a comma or a closing bracket',
  'unfinished table': 'a bracket is not closed',
  'unfinished array': 'a bracket is not closed',
  'expected end of table array declaration': 'expected ]] after the name of a list of tables',
  'each key-value declaration must be followed by an end-of-line':
    'unexpected text after the end of the value',
};

/** The issue for an error of smol-toml. */
function issueOf(thrown: unknown, text: string): Issue {
  if (!(thrown instanceof TomlError)) return syntaxIssue('is not valid TOML', 0);
  const offset = offsetOfError(thrown, text);
  const message = messageOf(thrown);
  if (message.startsWith('document contains excessively nested')) return tooDeep(offset);
  if (message.startsWith('trying to redefine')) return duplicateKey(keyAt(text, offset), offset);
  if (message === 'illegal character in key')
    return syntaxIssue(wordingOfKey(text, offset), offset);
  if (message.endsWith('numeric literal') && text[offset] === ',')
    return syntaxIssue('unexpected comma after a value', offset);
  const known = WORDING[message];
  if (known !== undefined) return syntaxIssue(known, offset);
  if (isDateRefused(thrown, text)) return syntaxIssue(NO_DATE, offset);
  return syntaxIssue('is not valid TOML', offset, printable(`(${message})`));
}

/** smol-toml reports several mistakes as an illegal character in a key; the text tells them apart. */
function wordingOfKey(text: string, offset: number): string {
  const before = text.slice(0, offset);
  const lineStart = before.slice(before.lastIndexOf('\n') + 1).trim();
  const found = text[offset] ?? '';
  if (lineStart === '' && /[;/!%]/.test(found)) return 'a comment must start with #';
  if (found === ':') return 'expected "=" after the key, not ":"';
  return /[\r\n]/.test(found)
    ? 'expected "=" after the key'
    : 'a key may have letters, digits, "_" and "-"; put any other in quotes';
}

/** The reason alone, without `Invalid TOML document: ` and the quoted lines. */
function messageOf({ message }: TomlError): string {
  const end = message.indexOf('\n\n');
  return message.slice('Invalid TOML document: '.length, end === -1 ? undefined : end);
}

/** smol-toml counts lines as TOML does: a lone carriage return ends none. */
function offsetOfError({ line, column }: TomlError, text: string): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) start = text.indexOf('\n', start) + 1;
  return start + column - 1;
}

function keyAt(text: string, offset: number): string {
  return /^[^=\]\r\n]*/.exec(text.slice(offset, offset + 200))?.[0].trim() ?? '';
}

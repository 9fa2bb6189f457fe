import type { Issue } from '../model/issue.ts';
import { matchAt } from './lines.ts';
import { unclosedAt } from './quotes.ts';
import { syntaxIssue } from './syntax-issues.ts';

/** A word, and the value that the shell makes of it. */
export interface Word {
  readonly value: string;
  /** Offset behind the word. */
  readonly end: number;
  /** Offset of its first quote that closes on a later line. */
  readonly longQuote?: number | undefined;
}

/** A piece of a word without special characters. */
const PLAIN = /[^\s'"\\$`;&|<>()]+/y;
const PLAIN_IN_QUOTES = /[^"\\$`]+/y;

/** The word at an offset, which may be empty, or why its value is unknown. */
export function wordAt(text: string, start: number): Word | Issue {
  let value = '';
  let offset = start;
  let longQuote: number | undefined;
  for (;;) {
    const piece = pieceAt(text, offset);
    if (piece === undefined) return { value, end: offset, longQuote };
    if ('code' in piece) return longQuote === undefined ? piece : unclosedAt(text, longQuote);
    if (/['"]/.test(text[offset] ?? '') && piece.value.includes('\n')) longQuote ??= offset;
    value += piece.value;
    offset = piece.end;
  }
}

function pieceAt(text: string, offset: number): Word | Issue | undefined {
  const character = text[offset];
  switch (character) {
    case undefined:
    case ';':
      return undefined;
    case "'":
      return singleQuoted(text, offset);
    case '"':
      return doubleQuoted(text, offset);
    case '\\':
      return escaped(text, offset);
    case '$':
    case '`':
      return dollar(text, offset, /[\w{@*#?$!'"-]/);
    default:
      if (/\s/.test(character)) return undefined;
      if (/[&|<>()]/.test(character)) return syntaxIssue(OPERATOR, offset);
      return plain(PLAIN, text, offset);
  }
}

const OPERATOR = 'unquoted & | < > ( ) are shell operators; put the value in single quotes';

function plain(pattern: RegExp, text: string, offset: number): Word {
  const [value = ''] = matchAt(pattern, text, offset) ?? [];
  return { value, end: offset + value.length };
}

function singleQuoted(text: string, offset: number): Word | Issue {
  const close = text.indexOf("'", offset + 1);
  if (close === -1) return unclosedAt(text, offset);
  return { value: text.slice(offset + 1, close), end: close + 1 };
}

function doubleQuoted(text: string, start: number): Word | Issue {
  let value = '';
  let offset = start + 1;
  while (text[offset] !== '"') {
    const piece = pieceInQuotes(text, offset);
    if (piece === undefined) return unclosedAt(text, start);
    if ('code' in piece) return piece;
    value += piece.value;
    offset = piece.end;
  }
  return { value, end: offset + 1 };
}

function pieceInQuotes(text: string, offset: number): Word | Issue | undefined {
  switch (text[offset]) {
    case undefined:
      return undefined;
    case '\\': {
      // In double quotes, a backslash before any other character is literal.
      if (/[$`"\\\n]/.test(text[offset + 1] ?? '')) return escaped(text, offset);
      return { value: '\\', end: offset + 1 };
    }
    case '$':
    case '`':
      return dollar(text, offset, /[\w{@*#?$!-]/);
    default:
      return plain(PLAIN_IN_QUOTES, text, offset);
  }
}

/** A backslash and the character that it escapes; an escaped line break vanishes. */
function escaped(text: string, offset: number): Word | Issue {
  const next = text[offset + 1];
  if (next === undefined) return syntaxIssue('a backslash is the last character', offset);
  return { value: next === '\n' ? '' : next, end: offset + 2 };
}

/** @param expanded - the characters after a dollar that the shell expands */
function dollar(text: string, offset: number, expanded: RegExp): Word | Issue {
  const [written, next = ''] = text.slice(offset, offset + 2);
  if (written === '`' || next === '(')
    return syntaxIssue('would run a command; put the value in single quotes', offset);
  if (expanded.test(next))
    return syntaxIssue('the shell would expand this $; put the value in single quotes', offset);
  return { value: '$', end: offset + 1 };
}

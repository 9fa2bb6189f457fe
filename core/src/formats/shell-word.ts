import type { SyntaxIssue } from './format.ts';
import { unclosedAt } from './quotes.ts';
import { syntax } from './syntax-issue.ts';

/** A value as the shell makes it of a word. */
export interface Word {
  readonly value: string;
  /** Offset behind the word. */
  readonly end: number;
  /** Offset of the first quote in it that closes in a later line only. */
  readonly longQuote?: number | undefined;
}

/** A piece of a word without anything that the shell reads. */
const PLAIN = /[^\s'"\\$`;&|<>()]+/y;
const PLAIN_IN_QUOTES = /[^"\\$`]+/y;

/** The word that starts at an offset, perhaps an empty one; or why its value cannot be told. */
export function wordAt(text: string, start: number): Word | SyntaxIssue {
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

function pieceAt(text: string, offset: number): Word | SyntaxIssue | undefined {
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
      if (/[&|<>()]/.test(character)) return syntax(OPERATOR, offset);
      return plain(PLAIN, text, offset);
  }
}

const OPERATOR = 'unquoted & | < > ( ) is for commands; put the value in single quotes';

function plain(pattern: RegExp, text: string, offset: number): Word {
  pattern.lastIndex = offset;
  const value = pattern.exec(text)?.[0] ?? '';
  return { value, end: offset + value.length };
}

function singleQuoted(text: string, offset: number): Word | SyntaxIssue {
  const close = text.indexOf("'", offset + 1);
  if (close === -1) return unclosedAt(text, offset);
  return { value: text.slice(offset + 1, close), end: close + 1 };
}

function doubleQuoted(text: string, start: number): Word | SyntaxIssue {
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

function pieceInQuotes(text: string, offset: number): Word | SyntaxIssue | undefined {
  switch (text[offset]) {
    case undefined:
      return undefined;
    case '\\': {
      // In double quotes, a backslash before anything else stands for itself.
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

/** A backslash and what it takes the meaning from; a line break vanishes with it. */
function escaped(text: string, offset: number): Word | SyntaxIssue {
  const next = text[offset + 1];
  if (next === undefined) return syntax('a backslash is the last character', offset);
  return { value: next === '\n' ? '' : next, end: offset + 2 };
}

/** @param replaced - what follows a dollar that does not stand for itself */
function dollar(text: string, offset: number, replaced: RegExp): Word | SyntaxIssue {
  const [written, next = ''] = text.slice(offset, offset + 2);
  if (written === '`' || next === '(')
    return syntax('would run a command; put the value in single quotes', offset);
  if (replaced.test(next))
    return syntax('the shell would replace what $ starts; put the value in single quotes', offset);
  return { value: '$', end: offset + 1 };
}

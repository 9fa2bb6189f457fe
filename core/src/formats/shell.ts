import type { Issue } from '../model/issue.ts';
import { refused, refusedAsEmpty } from './document.ts';
import { type FlatObjectBuilder, readAssignments } from './flat-object.ts';
import type { Format, Parsed } from './format.ts';
import { matchAt, nextLine } from './lines.ts';
import { syntaxIssue, unclosedIssue, unexpectedAfter } from './syntax-issues.ts';

/**
 * A file that a POSIX shell can source and that only sets variables, as templates of Vault Agent write
 * it: lines of `export NAME="value"` or `NAME=value`, and comments. One flat object of texts. Whatever
 * would run a command or depend on the environment is an issue, and so is a duplicate name. No file
 * name selects this format. A file with only comments is an object without keys.
 *
 * Source: POSIX.1-2024, Shell Command Language, 2.2 Quoting and 2.9.1 Simple Commands
 */
export const shell: Format = { name: 'shell', extensions: [], parse };

const BLANK_LINE = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const END_OF_LINE = /[^\S\n]*(?:;[^\S\n]*)?(?:#[^\n]*)?(?:\n|$)/y;
const HEAD = /([^\S\n]*(?:export[^\S\n]+)?)([A-Za-z_]\w*)=/y;

const CARRIAGE_RETURN =
  'a carriage return would become part of a value; save the file with Unix line ends';

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('shell');
  const carriageReturn = text.indexOf('\r');
  if (carriageReturn !== -1) return refused(text, [syntaxIssue(CARRIAGE_RETURN, carriageReturn)]);
  return readAssignments(text, 'refuse', readAssignment);
}

function readAssignment(text: string, offset: number, object: FlatObjectBuilder): number | Issue {
  const blank = matchAt(BLANK_LINE, text, offset);
  if (blank !== null) return offset + blank[0].length;
  const [head, before = '', name] = matchAt(HEAD, text, offset) ?? [];
  if (head === undefined || name === undefined)
    return noAssignment(text.slice(offset, nextLine(text, offset)), offset);
  const start = offset + head.length;
  const word = wordAt(text, start);
  if ('code' in word) return word;
  const rest = matchAt(END_OF_LINE, text, word.end);
  if (rest === null)
    return word.end === start
      ? syntaxIssue('a space after the "=" is not allowed', start)
      : unexpectedAfter(text, word.end, word.longQuote);
  object.addText(name, offset + before.length, word.value, start);
  return word.end + rest[0].length;
}

function noAssignment(line: string, lineOffset: number): Issue {
  const offset = lineOffset + line.length - line.trimStart().length;
  const [, name, space] = /^\s*(?:export\s+)?([^\s=]+)(\s*)=/.exec(line) ?? [];
  return syntaxIssue(wordingOf(name, space), offset);
}

function wordingOf(name: string | undefined, space: string | undefined): string {
  if (name === undefined)
    return 'expected an assignment such as NAME="value"; this would run as a command';
  if (space !== '') return 'a space before the "=" is not allowed';
  return 'a name may have letters, digits and "_" only, and must not start with a digit';
}

/** A word, and the value that the shell makes of it. */
interface Word {
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
function wordAt(text: string, start: number): Word | Issue {
  let value = '';
  let offset = start;
  let longQuote: number | undefined;
  for (;;) {
    const piece = pieceAt(text, offset);
    if (piece === undefined) return { value, end: offset, longQuote };
    if ('code' in piece) return longQuote === undefined ? piece : unclosedIssue(text, longQuote);
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
  if (close === -1) return unclosedIssue(text, offset);
  return { value: text.slice(offset + 1, close), end: close + 1 };
}

function doubleQuoted(text: string, start: number): Word | Issue {
  let value = '';
  let offset = start + 1;
  while (text[offset] !== '"') {
    const piece = pieceInQuotes(text, offset);
    if (piece === undefined) return unclosedIssue(text, start);
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

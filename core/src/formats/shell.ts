import { type Read, readAssignments } from './assignments.ts';
import { refused, refusedAsEmpty } from './document.ts';
import type { FlatObjectBuilder } from './flat-object.ts';
import type { Format, Parsed, SyntaxIssue } from './format.ts';
import { nextLine } from './lines.ts';
import { unexpectedAfter } from './quotes.ts';
import { type Word, wordAt } from './shell-word.ts';
import { syntax } from './syntax-issue.ts';

/**
 * What a POSIX shell may source and only sets variables, as templates of Vault Agent write it: lines of
 * `export NAME="value"` or `NAME=value`, and comments. One flat object of texts. Whatever would run a
 * command or depend on where it is read is a problem, and so is a name twice. No name of a file asks
 * for it. A file of comments alone is an object without keys.
 *
 * Source: POSIX.1-2024, Shell Command Language, 2.2 Quoting and 2.9.1 Simple Commands
 */
export const shell: Format = { name: 'shell', extensions: [], parse };

const BLANK_LINE = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const END_OF_LINE = /[^\S\n]*(?:;[^\S\n]*)?(?:#[^\n]*)?(?:\n|$)/y;
const HEAD = /([^\S\n]*(?:export[^\S\n]+)?)([A-Za-z_]\w*)=/y;

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('shell');
  const carriageReturn = text.indexOf('\r');
  if (carriageReturn !== -1) return refused(text, [syntax(CARRIAGE_RETURN, carriageReturn)]);
  return readAssignments(text, readLine);
}

const CARRIAGE_RETURN =
  'a carriage return would become part of a value; save it with Unix line ends';

function readLine(text: string, offset: number, table: FlatObjectBuilder): Read {
  const blank = endOf(BLANK_LINE, text, offset);
  if (blank !== undefined) return { end: blank };
  const next = nextLine(text, offset);
  HEAD.lastIndex = offset;
  const [head, before = '', name] = HEAD.exec(text) ?? [];
  if (head === undefined || name === undefined)
    return { end: next, complaint: noAssignment(text.slice(offset, next), offset) };
  const start = offset + head.length;
  const word = wordAt(text, start);
  if ('code' in word) return { end: next, complaint: word };
  const end = endOf(END_OF_LINE, text, word.end);
  if (end === undefined) return { end: next, complaint: trailing(text, start, word) };
  return { end, complaint: table.addText(name, offset + before.length, word.value, start) };
}

/** Where the next line begins, if nothing more stands before it. */
function endOf(pattern: RegExp, text: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  const found = pattern.exec(text);
  return found === null ? undefined : offset + found[0].length;
}

function trailing(text: string, start: number, { end, longQuote }: Word): SyntaxIssue {
  if (end === start) return syntax('no space may stand after the "="', start);
  return unexpectedAfter(text, end, longQuote);
}

function noAssignment(line: string, lineOffset: number): SyntaxIssue {
  const offset = lineOffset + line.length - line.trimStart().length;
  const [, name, space] = /^\s*(?:export\s+)?([^\s=]+)(\s*)=/.exec(line) ?? [];
  if (name === undefined)
    return syntax(
      'expected an assignment such as NAME="value"; this would run as a command',
      offset,
    );
  if (space !== '') return syntax('no space may stand before the "="', offset);
  return syntax(
    'a name may hold letters, digits and "_" only, and must not start with a digit',
    offset,
  );
}

import type { Issue } from '../model/issue.ts';
import { refused, refusedAsEmpty } from './document.ts';
import { type FlatObjectBuilder, readAssignments } from './flat-object.ts';
import type { Format, Parsed } from './format.ts';
import { matchAt, nextLine } from './lines.ts';
import { unexpectedAfter } from './quotes.ts';
import { wordAt } from './shell-word.ts';
import { syntaxIssue } from './syntax-issues.ts';

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
  return readAssignments(text, readAssignment);
}

function readAssignment(text: string, offset: number, object: FlatObjectBuilder): number {
  const blank = matchAt(BLANK_LINE, text, offset);
  if (blank !== null) return offset + blank[0].length;
  const next = nextLine(text, offset);
  const skip = (issue: Issue) => {
    object.issues.push(issue);
    return next;
  };
  const [head, before = '', name] = matchAt(HEAD, text, offset) ?? [];
  if (head === undefined || name === undefined)
    return skip(noAssignment(text.slice(offset, next), offset));
  const start = offset + head.length;
  const word = wordAt(text, start);
  if ('code' in word) return skip(word);
  const rest = matchAt(END_OF_LINE, text, word.end);
  if (rest === null)
    return skip(
      word.end === start
        ? syntaxIssue('a space after the "=" is not allowed', start)
        : unexpectedAfter(text, word.end, word.longQuote),
    );
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

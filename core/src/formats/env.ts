import type { Issue } from '../model/issue.ts';
import { findConflictMarker, refused, refusedAsEmpty } from './document.ts';
import { envRefusedAt } from './env-readers.ts';
import { type FlatObjectBuilder, readAssignments } from './flat-object.ts';
import type { Format, Parsed } from './format.ts';
import { matchAt, nextLine } from './lines.ts';
import { dialectIssue, syntaxIssue, unclosedIssue, unexpectedAfter } from './syntax-issues.ts';

/**
 * `NAME=value` lines as dotenv reads them: one flat object of texts. Values may be in single or double
 * quotes or backticks, and then on several lines; in double quotes `\n` and `\r` are line breaks;
 * without quotes a value ends at a `#`. What only Docker or another reader accepts is a warning (P11): a
 * name without a value, an unusual or duplicate name, quotes that are part of the value. A file with only
 * comments is an object without keys. kubectl and docker keep quotes as part of a value.
 *
 * Source: github.com/motdotla/dotenv, README; docker/cli, pkg/kvfile
 */
export const env: Format = {
  name: 'env',
  extensions: ['.env'],
  fileNames: /^\.env(?:\..+)?$/,
  parse,
  refusedAt: envRefusedAt,
};

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('env');
  // Here almost any text is a name, even a conflict marker.
  if (findConflictMarker(text) !== undefined) return refused(text, []);
  return readAssignments(text, 'last', readAssignment);
}

/** The rest of a line without a value. */
const END_OF_LINE = /[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|$)/y;
const HEAD = /([^\S\r\n]*(?:export[^\S\r\n]+(?![#\s]))?)([^=\r\n]*)(=?)[^\S\r\n]*/y;
const UNQUOTED = /[^#\r\n]*/y;
const TEMPLATE = /^(?:\{\{|\{%|<%)/;
/** Some reader accepts it without a "="; godotenv reads the end of the file as a colon. */
const LONE_NAME = /^(?:[^ \t#]+(?:[ \t]\s*)?(?:#.*)?|[\w.\s\x80-\uffff]*:.*)$/;
const NAME = /^[A-Za-z_.-][\w.-]*$/;

function readAssignment(text: string, offset: number, object: FlatObjectBuilder): number | Issue {
  const blank = matchAt(END_OF_LINE, text, offset);
  if (blank !== null) return offset + blank[0].length;
  const [head = '', before = '', written = '', equals] = matchAt(HEAD, text, offset) ?? [];
  const name = (equals === '' ? written.replace(/\s#.*/, '') : written).trimEnd();
  const nameOffset = offset + before.length;
  const { warnings } = object.problems;
  const isLast = offset + head.length === text.length;
  if (TEMPLATE.test(name) || (equals === '' && !LONE_NAME.test(isLast ? `${name}:` : name)))
    return syntaxIssue('expected NAME=value', nameOffset);
  if (equals === '') warnings.push(dialectIssue(wordingOfLone(name), nameOffset));
  else if (!NAME.test(name)) warnings.push(dialectIssue(UNUSUAL_NAME, nameOffset));
  const start = offset + head.length;
  const read = /["'`]/.test(text[start] ?? '') ? quotedAt(text, start) : unquotedAt(text, start);
  const rest = 'code' in read ? null : matchAt(END_OF_LINE, text, read.end);
  if (!('code' in read) && rest !== null) {
    object.addText(name, nameOffset, read.value, start);
    return read.end + rest[0].length;
  }
  const isLong = !('code' in read) && read.end > nextLine(text, offset);
  const issue = 'code' in read ? read : unexpectedAfter(text, read.end, isLong ? start : undefined);
  warnings.push({ ...issue, code: 'LG_VALIDATE_DIALECT' });
  // As Docker reads it: quotes are part of the value, which ends with its line.
  const end = nextLine(text, start);
  object.addText(name, nameOffset, text.slice(start, end).trimEnd(), start);
  return end;
}

const UNUSUAL_NAME =
  'a name usually has only letters, digits, "_", "." and "-", and does not start with a digit';

/** Of a line without "=". */
function wordingOfLone(name: string): string {
  if (/^[\w.-]*:/.test(name)) return 'expected "=" after the name, not ":"';
  return 'a name without a value: Docker and kubectl take the value from their own environment';
}

interface Value {
  readonly value: string;
  /** Offset behind it and its quotes. */
  readonly end: number;
}

function unquotedAt(text: string, start: number): Value {
  const [written = ''] = matchAt(UNQUOTED, text, start) ?? [];
  return { value: written.trim(), end: start + written.length };
}

/** A quote after a backslash does not end the value, and the backslash stays. */
function quotedAt(text: string, start: number): Value | Issue {
  const quote = text[start] ?? '';
  let close = text.indexOf(quote, start + 1);
  while (close !== -1 && text[close - 1] === '\\') close = text.indexOf(quote, close + 1);
  if (close === -1) return unclosedIssue(text, start);
  const value = text.slice(start + 1, close).replaceAll(/\r\n?/g, '\n');
  const unescaped = value.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
  return { value: quote === '"' ? unescaped : value, end: close + 1 };
}

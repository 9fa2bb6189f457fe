import type { Issue } from '../model/issue.ts';
import { refusedAsEmpty } from './document.ts';
import { type FlatObjectBuilder, readAssignments } from './flat-object.ts';
import type { Format } from './format.ts';
import { matchAt, nextLine } from './lines.ts';
import { syntaxIssue, unclosedIssue, unexpectedAfter } from './syntax-issues.ts';

/**
 * `NAME=value` lines as dotenv reads them: one flat object of texts. Values may be in single or double
 * quotes or backticks, and then on several lines; in double quotes `\n` and `\r` are line breaks;
 * without quotes a value ends at a `#`. Lines that dotenv would silently skip are issues, and so are
 * duplicate names and names that `kubectl create configmap --from-env-file` refuses. A file with only
 * comments is an object without keys. kubectl and docker keep quotes as part of a value.
 *
 * Source: github.com/motdotla/dotenv, README
 */
export const env: Format = {
  name: 'env',
  extensions: ['.env'],
  fileNames: /^\.env(?:\..+)?$/,
  parse: (text) =>
    text.trim() === '' ? refusedAsEmpty('env') : readAssignments(text, readAssignment),
};

/** The rest of a line without a value. */
const END_OF_LINE = /[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|$)/y;
const HEAD = /([^\S\r\n]*(?:export[^\S\r\n]+)?)([^=\r\n]*)(=?)[^\S\r\n]*/y;
const UNQUOTED = /[^#\r\n]*/y;
const NAME = /^[A-Za-z_.-][\w.-]*$/;

function readAssignment(text: string, offset: number, object: FlatObjectBuilder): number | Issue {
  const blank = matchAt(END_OF_LINE, text, offset);
  if (blank !== null) return offset + blank[0].length;
  const [head = '', before = '', written = '', equals] = matchAt(HEAD, text, offset) ?? [];
  const name = written.trimEnd();
  const nameOffset = offset + before.length;
  const problem = equals === '' ? missingEquals(name) : problemOfName(name);
  if (problem !== undefined) return syntaxIssue(problem, nameOffset);
  const start = offset + head.length;
  const read = /["'`]/.test(text[start] ?? '') ? quotedAt(text, start) : unquotedAt(text, start);
  if ('code' in read) return read;
  const rest = matchAt(END_OF_LINE, text, read.end);
  if (rest === null) {
    const isLong = read.end > nextLine(text, offset);
    return unexpectedAfter(text, read.end, isLong ? start : undefined);
  }
  object.addText(name, nameOffset, read.value, start);
  return read.end + rest[0].length;
}

function missingEquals(name: string): string {
  return /^[\w.-]+:/.test(name) ? 'expected "=" after the name, not ":"' : 'expected NAME=value';
}

function problemOfName(name: string): string | undefined {
  if (name === '') return 'expected a name before the "="';
  if (NAME.test(name)) return undefined;
  return 'a name may have letters, digits, "_", "." and "-", and must not start with a digit';
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

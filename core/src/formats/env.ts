import { type Read, readAssignments } from './assignments.ts';
import { refusedAsEmpty } from './document.ts';
import type { FlatObjectBuilder } from './flat-object.ts';
import type { Format, Parsed, SyntaxIssue } from './format.ts';
import { nextLine } from './lines.ts';
import { unclosedAt, unexpectedAfter } from './quotes.ts';
import { syntax } from './syntax-issue.ts';

/**
 * `NAME=value` lines as dotenv reads them: one flat object of texts. Values may stand in single or
 * double quotes or backticks, then also over several lines; in double quotes `\n` and `\r` are line
 * breaks; without quotes a value ends at a `#`. What dotenv would skip without a word is a problem
 * here, and so is a name that `kubectl create configmap --from-env-file` refuses, and a name twice. A
 * file of comments alone is an object without keys. kubectl and docker keep quotes as part of a value.
 *
 * Source: github.com/motdotla/dotenv, README
 */
export const env: Format = {
  name: 'env',
  extensions: ['.env'],
  fileNames: /^\.env(?:\..+)?$/,
  parse,
};

/** The rest of a line that holds nothing more. */
const END_OF_LINE = /[^\S\r\n]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|$)/y;
const HEAD = /([^\S\r\n]*(?:export[^\S\r\n]+)?)([^=\r\n]*)(=?)[^\S\r\n]*/y;
const UNQUOTED = /[^#\r\n]*/y;
const NAME = /^[A-Za-z_.-][\w.-]*$/;

function parse(text: string): Parsed {
  if (text.trim() === '') return refusedAsEmpty('env');
  return readAssignments(text, readLine);
}

function readLine(text: string, offset: number, table: FlatObjectBuilder): Read {
  const blank = match(END_OF_LINE, text, offset);
  if (blank !== undefined) return { end: offset + blank[0].length };
  const next = nextLine(text, offset);
  const [head = '', before = '', written = '', equals] = match(HEAD, text, offset) ?? [];
  const name = written.trimEnd();
  const nameOffset = offset + before.length;
  const problem = equals === '' ? missingEquals(name) : problemOfName(name);
  if (problem !== undefined) return { end: next, complaint: syntax(problem, nameOffset) };
  const start = offset + head.length;
  const read = /["'`]/.test(text[start] ?? '') ? quotedAt(text, start) : unquotedAt(text, start);
  if ('code' in read) return { end: next, complaint: read };
  const rest = match(END_OF_LINE, text, read.end);
  if (rest === undefined)
    return {
      end: next,
      complaint: unexpectedAfter(text, read.end, read.end > next ? start : undefined),
    };
  const complaint = table.addText(name, nameOffset, read.value, start);
  return { end: read.end + rest[0].length, complaint };
}

function missingEquals(name: string): string {
  return /^[\w.-]+:/.test(name) ? 'expected "=" after the name, not ":"' : 'expected NAME=value';
}

function problemOfName(name: string): string | undefined {
  if (name === '') return 'expected a name before the "="';
  if (NAME.test(name)) return undefined;
  return 'a name may hold letters, digits, "_", "." and "-", and must not start with a digit';
}

interface Value {
  readonly value: string;
  /** Offset behind it and its quotes. */
  readonly end: number;
}

function unquotedAt(text: string, start: number): Value {
  const [written = ''] = match(UNQUOTED, text, start) ?? [];
  return { value: written.trim(), end: start + written.length };
}

/** A backslash before a quote keeps it from ending the value, and stays in it. */
function quotedAt(text: string, start: number): Value | SyntaxIssue {
  const quote = text[start] ?? '';
  let close = text.indexOf(quote, start + 1);
  while (close !== -1 && text[close - 1] === '\\') close = text.indexOf(quote, close + 1);
  if (close === -1) return unclosedAt(text, start);
  const value = text.slice(start + 1, close).replaceAll(/\r\n?/g, '\n');
  return { value: quote === '"' ? unescaped(value) : value, end: close + 1 };
}

function unescaped(value: string): string {
  return value.replaceAll('\\n', '\n').replaceAll('\\r', '\r');
}

function match(pattern: RegExp, text: string, offset: number): RegExpExecArray | undefined {
  pattern.lastIndex = offset;
  return pattern.exec(text) ?? undefined;
}

import type { Issue } from '../model/issue.ts';
import { type Line, linesOf } from './lines.ts';
import { base64Issue, ESCAPED_LINE_BREAK } from './pem-base64.ts';
import { syntaxIssue } from './syntax-issues.ts';

/** One block of a PEM text. */
export interface Block {
  /** `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** Of its BEGIN line. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** Headers above its base64 say that it needs a passphrase. */
  readonly encrypted: boolean;
}

export interface Blocks {
  /** Those without an issue. */
  readonly blocks: readonly Block[];
  /** In the order of the text. */
  readonly issues: readonly Issue[];
}

/** After this many, the rest only repeats the first ones. */
const MAX_ISSUES = 20;

/** As OpenSSL and Go require it: the whole line, with only blanks after it. */
const MARKER = /^-----(BEGIN|END) ([^-]*)-----[ \t]*$/;

/** A line that was meant to be a marker. */
const NEARLY_MARKER = /^\s*-{2,}(?:BEGIN|END) /;

const HEADER = /^[A-Za-z][\w-]*: /;

interface Open {
  /** Undefined if its BEGIN line is broken, which has its own issue. */
  readonly label: string | undefined;
  readonly offset: number;
  readonly lines: Line[];
}

interface Reading {
  readonly blocks: Block[];
  readonly issues: Issue[];
  open: Open | undefined;
}

/** Finds every block, and everything wrong with its BEGIN and END lines and its base64. */
export function readBlocks(text: string): Blocks {
  const reading: Reading = { blocks: [], issues: [], open: undefined };
  for (const line of linesOf(text)) {
    readLine(reading, line);
    if (reading.issues.length >= MAX_ISSUES) return reading;
  }
  if (reading.open?.label !== undefined)
    addIssue(reading, reading.open.offset, 'the block is cut off: it has no END line');
  return reading;
}

function readLine(reading: Reading, line: Line): void {
  const [, edge, label = ''] = MARKER.exec(line.content) ?? [];
  if (edge === 'BEGIN') begin(reading, label, line.offset);
  else if (edge === 'END') end(reading, label, line.offset);
  else if (NEARLY_MARKER.test(line.content)) readBrokenMarker(reading, line);
  else reading.open?.lines.push(line);
}

function begin(reading: Reading, label: string, offset: number): void {
  if (reading.open?.label !== undefined)
    addIssue(reading, reading.open.offset, 'the block is cut off: another one begins inside it');
  reading.open = { label, offset, lines: [] };
}

function end(reading: Reading, label: string, offset: number): void {
  const { open } = reading;
  reading.open = undefined;
  if (open === undefined)
    addIssue(reading, offset, 'has an END line without a BEGIN line above it');
  else if (open.label !== undefined && open.label !== label)
    addIssue(reading, offset, 'the END line names another kind of block than the BEGIN line');
  else if (open.label !== undefined) close(reading, open.label, open);
}

function close({ blocks, issues }: Reading, label: string, { offset, lines }: Open): void {
  const headers = lines.findIndex(({ content }) => !HEADER.test(content));
  const body = headers === -1 ? [] : lines.slice(headers);
  const issue = base64Issue(body, offset);
  if (issue !== undefined) return void issues.push(issue);
  const bytes = Buffer.from(body.map(({ content }) => content).join(''), 'base64');
  const encrypted = lines
    .slice(0, headers)
    .some(({ content }) => /^Proc-Type:.*ENCRYPTED/.test(content));
  blocks.push({ label, offset, bytes, encrypted });
}

/** A BEGIN or END line that no program accepts. */
function readBrokenMarker(reading: Reading, { content, offset }: Line): void {
  addIssue(reading, offset, wordingOf(content));
  reading.open = /-BEGIN /.test(content) ? { label: undefined, offset, lines: [] } : undefined;
}

function wordingOf(line: string): string {
  if (line.includes('\\n')) return ESCAPED_LINE_BREAK;
  if (/^\s+-----(?:BEGIN|END) [^-]*-----\s*$/.test(line))
    return 'a BEGIN or END line must not be indented';
  if (/^\s*-----(?:BEGIN|END) [^-]*-----./.test(line))
    return 'the line breaks of the block are missing';
  return 'a BEGIN or END line must have five dashes before and after its words, and nothing else';
}

function addIssue({ issues }: Reading, offset: number, message: string): void {
  issues.push(syntaxIssue(message, offset));
}

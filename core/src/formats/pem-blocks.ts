import type { SyntaxIssue } from './format.ts';
import { base64Complaint, type Line } from './pem-base64.ts';

/** One block of a PEM text. */
export interface Block {
  /** `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** Of its BEGIN line. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** It says in headers above its base64 that a passphrase is needed. */
  readonly encrypted: boolean;
}

export interface Blocks {
  /** The sound ones. */
  readonly blocks: readonly Block[];
  /** In the order of the text. */
  readonly complaints: readonly SyntaxIssue[];
}

/** After so many, what follows is the echo of the first ones. */
const MAX_COMPLAINTS = 20;

const LINE = /[^\r\n]+/g;

/** As OpenSSL and Go want it: from the start of the line to its end, but for blanks at the end. */
const MARKER = /^-----(BEGIN|END) ([^-]*)-----[ \t]*$/;

/** What was meant to be one. */
const NEARLY_MARKER = /^\s*-{2,}(?:BEGIN|END) /;

const HEADER = /^[A-Za-z][\w-]*: /;

interface Open {
  /** Undefined: its BEGIN line is broken, which was said already. */
  readonly label: string | undefined;
  readonly offset: number;
  readonly lines: Line[];
}

interface Reading {
  readonly blocks: Block[];
  readonly complaints: SyntaxIssue[];
  open: Open | undefined;
}

/** Finds every block and everything that is wrong with the frame and the base64 of one. */
export function readBlocks(text: string): Blocks {
  const reading: Reading = { blocks: [], complaints: [], open: undefined };
  for (const { 0: line, index: offset } of text.matchAll(LINE)) {
    take(reading, { text: line, offset });
    if (reading.complaints.length >= MAX_COMPLAINTS) return reading;
  }
  if (reading.open?.label !== undefined)
    complain(reading, reading.open.offset, 'the block is cut off: it has no END line');
  return reading;
}

function take(reading: Reading, line: Line): void {
  const [, edge, label = ''] = MARKER.exec(line.text) ?? [];
  if (edge === 'BEGIN') begin(reading, label, line.offset);
  else if (edge === 'END') end(reading, label, line.offset);
  else if (NEARLY_MARKER.test(line.text)) stumble(reading, line);
  else reading.open?.lines.push(line);
}

function begin(reading: Reading, label: string, offset: number): void {
  if (reading.open?.label !== undefined)
    complain(reading, reading.open.offset, 'the block is cut off: another one begins inside it');
  reading.open = { label, offset, lines: [] };
}

function end(reading: Reading, label: string, offset: number): void {
  const { open } = reading;
  reading.open = undefined;
  if (open === undefined) complain(reading, offset, 'an END line without a BEGIN line above it');
  else if (open.label !== undefined && open.label !== label)
    complain(reading, offset, 'the END line names another kind of block than the BEGIN line');
  else if (open.label !== undefined) close(reading, open.label, open);
}

function close({ blocks, complaints }: Reading, label: string, { offset, lines }: Open): void {
  const headers = lines.findIndex(({ text }) => !HEADER.test(text));
  const body = headers === -1 ? [] : lines.slice(headers);
  const complaint = base64Complaint(body, offset);
  if (complaint !== undefined) return void complaints.push(complaint);
  const bytes = Buffer.from(body.map(({ text }) => text).join(''), 'base64');
  const encrypted = lines.slice(0, headers).some(({ text }) => /^Proc-Type:.*ENCRYPTED/.test(text));
  blocks.push({ label, offset, bytes, encrypted });
}

/** A BEGIN or END line that no program takes for one, and why. */
function stumble(reading: Reading, { text, offset }: Line): void {
  const isBegin = /-BEGIN /.test(text);
  complain(reading, offset, stumblingBlock(text));
  reading.open = isBegin ? { label: undefined, offset, lines: [] } : undefined;
}

function stumblingBlock(text: string): string {
  if (text.includes('\\n')) return 'the characters \\n stand where a line must break';
  if (/^\s+-----(?:BEGIN|END) [^-]*-----\s*$/.test(text))
    return 'a BEGIN or END line must not be indented';
  if (/^\s*-----(?:BEGIN|END) [^-]*-----./.test(text))
    return 'the line breaks of the block are missing';
  return 'a BEGIN or END line has five dashes before and after its words, and nothing else';
}

function complain({ complaints }: Reading, offset: number, message: string): void {
  complaints.push({ code: 'LG_VALIDATE_SYNTAX', args: [message], offset });
}

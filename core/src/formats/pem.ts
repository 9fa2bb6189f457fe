import type { Issue } from '../model/issue.ts';
import type { Format, Parsed } from './format.ts';
import { createLines, type Line } from './lines.ts';
import { dialectIssue, syntaxIssue } from './syntax-issues.ts';

/**
 * Blocks between `-----BEGIN …-----` and `-----END …-----` (RFC 7468). Text around them is ignored, as
 * by all programs. The value has the labels of the blocks and nothing of their content, so that no
 * check can show a key. A blank file is accepted: whether it may be blank depends on other files.
 */
export const pem: Format = { name: 'pem', extensions: ['.pem', '.crt'], parse };

/** `-----BEGIN` in base64, as in a value of `data` that was encoded twice. */
const ENCODED_BEGIN = 'LS0tLS1CRUdJTi';

/**
 * A file in DER, the binary form: an ASN.1 sequence with a length of at most two bytes. OpenSSL reads it
 * in place of PEM, and ignores what follows.
 */
export function isDer(bytes: Buffer): boolean {
  return bytes[0] === 0x30 && bytes[1] === 0x82
    ? bytes.length >= 4 + bytes.readUInt16BE(2)
    : bytes[0] === 0x30 && bytes[1] === 0x81
      ? bytes.length >= 3 + (bytes[2] ?? 0)
      : bytes[0] === 0x30 && bytes.length > 64 && bytes.length === 2 + (bytes[1] ?? 0);
}

/** The label of a block for a file in DER. */
export const DER = 'DER';

const IS_DER = 'is DER, not PEM: OpenSSL reads it, but programs that expect PEM do not';

function parse(text: string): Parsed {
  const { blocks, issues } = readBlocks(text);
  if (issues.length > 0) return { ok: false, issues };
  const warnings = blocks[0]?.label === DER ? [dialectIssue(IS_DER, 0)] : [];
  if (blocks.length === 0 && text.trim() !== '') {
    const message = text.trimStart().startsWith(ENCODED_BEGIN)
      ? 'is PEM encoded in base64 twice; decode it once'
      : 'is neither PEM nor DER: expected a line -----BEGIN …-----';
    return { ok: false, issues: [syntaxIssue(message, 0)] };
  }
  const value = blocks.map(({ label }) => ({ label }));
  const positionOf = createLines(text);
  const locate = ([index]: readonly (string | number)[]) =>
    positionOf(blocks[Number(index ?? 0)]?.offset ?? 0);
  return { ok: true, documents: [{ value, locate }], warnings };
}

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

/** After this many, the rest only repeats the first ones. */
const MAX_ISSUES = 20;

/** Finds every block, and everything wrong with its BEGIN and END lines and its base64. */
export function readBlocks(text: string): Pick<BlockReader, 'blocks' | 'issues'> {
  const reader = new BlockReader(text);
  const bytes = Buffer.from(text.startsWith('0') ? text : '', 'latin1');
  if (isDer(bytes)) {
    reader.blocks.push({ label: DER, offset: 0, bytes, encrypted: false });
    return reader;
  }
  for (const line of linesIn(text)) {
    reader.read(line);
    if (reader.issues.length >= MAX_ISSUES) return reader;
  }
  reader.cutOff('the block is cut off: it has no END line');
  return reader;
}

/** To OpenSSL and Go, a lone carriage return ends no line. */
function* linesIn(text: string): Generator<Line> {
  // One at a time: there may be half a million.
  for (let offset = 0; offset <= text.length; ) {
    const end = text.indexOf('\n', offset);
    const next = end === -1 ? text.length : end;
    yield { content: text.slice(offset, next).replace(/\r$/, ''), offset };
    offset = next + 1;
  }
}

/** As OpenSSL and Go require it: the whole line, with only blanks after it. */
const MARKER = /^-----(BEGIN|END) ([^-]*)-----[ \t]*$/;

/** A line that was meant to be a marker. */
const NEARLY_MARKER = /^\s*-{2,}(?:BEGIN|END) /;

const HEADER = /^[A-Za-z][\w-]*: /;

interface Open {
  /** Undefined if its BEGIN line is broken, which has its own issue. */
  readonly label: string | undefined;
  readonly offset: number;
  encrypted: boolean;
  /** Set after its headers. A block may have half a million lines, so none is kept. */
  body: { readonly start: number; readonly base64: Base64Check } | undefined;
}

class BlockReader {
  /** Those without an issue. */
  readonly blocks: Block[] = [];
  /** In the order of the text. */
  readonly issues: Issue[] = [];
  readonly #text: string;
  #open: Open | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  read(line: Line): void {
    const { content, offset } = line;
    const [, edge, label = ''] = MARKER.exec(content) ?? [];
    if (edge === 'BEGIN') {
      this.cutOff('the block is cut off: another one begins inside it');
      this.#open = openAt(label, offset);
    } else if (edge === 'END') this.#end(label, offset);
    else if (NEARLY_MARKER.test(content)) {
      // A BEGIN or END line that no program accepts.
      this.#refuse(wordingOfMarker(content), offset);
      this.#open = /-BEGIN /.test(content) ? openAt(undefined, offset) : undefined;
    } else if (this.#open?.label !== undefined) readInside(this.#open, line);
  }

  /** Refuses the block that is open, if there is one. */
  cutOff(message: string): void {
    if (this.#open?.label !== undefined) this.#refuse(message, this.#open.offset);
  }

  #end(label: string, offset: number): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) this.#refuse('has an END line without a BEGIN line above it', offset);
    else if (open.label === label) this.#close(label, open, offset);
    else if (open.label !== undefined)
      this.#refuse('the END line names another kind of block than the BEGIN line', offset);
  }

  #close(label: string, { offset, encrypted, body }: Open, end: number): void {
    const issue = (body?.base64 ?? new Base64Check()).end(offset);
    if (issue !== undefined) return void this.issues.push(issue);
    const bytes = Buffer.from(this.#text.slice(body?.start, end), 'base64');
    this.blocks.push({ label, offset, bytes, encrypted });
  }

  #refuse(message: string, offset: number): void {
    this.issues.push(syntaxIssue(message, offset));
  }
}

function openAt(label: string | undefined, offset: number): Open {
  return { label, offset, encrypted: false, body: undefined };
}

function readInside(open: Open, { content, offset }: Line): void {
  if (open.body === undefined && HEADER.test(content)) {
    open.encrypted ||= /^Proc-Type:.*ENCRYPTED/.test(content);
    return;
  }
  open.body ??= { start: offset, base64: new Base64Check() };
  open.body.base64.read(content, offset);
}

const ESCAPED_LINE_BREAK = 'has the characters \\n in the place of a line break';

function wordingOfMarker(line: string): string {
  if (line.includes('\\n')) return ESCAPED_LINE_BREAK;
  if (/^\s+-----(?:BEGIN|END) [^-]*-----\s*$/.test(line))
    return 'a BEGIN or END line must not be indented';
  if (/^\s*-----(?:BEGIN|END) [^-]*-----./.test(line))
    return 'the line breaks of the block are missing';
  return 'a BEGIN or END line must have five dashes before and after its words, and nothing else';
}

/** A character that is not base64, or that follows its padding. */
const FOREIGN = /[^A-Za-z0-9+/= \t\r]|=(?!=?$)/;

/**
 * Finds the first thing that is wrong with the base64 of a block. Blanks and lines of any
 * length are accepted, as by most programs; Node's decoder would skip foreign characters.
 */
class Base64Check {
  #length = 0;
  #padded = false;
  #issue: Issue | undefined;

  read(content: string, offset: number): void {
    const text = content.trimEnd();
    if (text === '' || this.#issue !== undefined) return;
    const foreign = this.#padded ? 0 : text.search(FOREIGN);
    if (foreign !== -1)
      this.#issue = syntaxIssue(wordingOfBase64(text, this.#padded), offset + foreign);
    this.#padded = text.endsWith('=');
    this.#length += text.replaceAll(/[ \t\r]/g, '').length;
  }

  end(blockOffset: number): Issue | undefined {
    if (this.#issue !== undefined) return this.#issue;
    if (this.#length === 0) return syntaxIssue('the block is empty', blockOffset);
    if (this.#length % 4 === 0) return undefined;
    const message = 'the base64 of the block is incomplete: characters are missing';
    return syntaxIssue(message, blockOffset);
  }
}

function wordingOfBase64(text: string, padded: boolean): string {
  if (padded) return 'the base64 of the block continues after its padding';
  return text.includes('\\n') ? ESCAPED_LINE_BREAK : 'is not base64';
}

import { matchAt, nextLine } from './lines.ts';
import { LOW_HEADER, LOW_TEXT } from './yaml-dialects.ts';
import { type Ended, readQuoted } from './yaml-quoted.ts';

/** A quoted text or a collection in brackets, with what is in it. */
export interface FlowNode extends Ended {
  readonly start: number;
  /** Lines of it that are indented less are indented less than the block around it. */
  readonly minIndent: number;
}

/** A line that js-yaml accepts only with more blanks before it. */
export interface LowLine {
  /** Where the line begins, after its blanks. */
  readonly at: number;
  readonly missing: number;
  readonly message: string;
}

/** The flow nodes of a text, and what js-yaml does not accept beside or in them. */
export interface FlowNodes {
  readonly nodes: readonly FlowNode[];
  /** Comments that have no space before their `#`. */
  readonly touchingComments: readonly number[];
  /** Tabs between tokens, where a space means the same. */
  readonly tabs: readonly number[];
  /** Tabs at the beginning of lines after plain text in brackets, left of where the block allows them. */
  readonly tabsInText: readonly number[];
  /** Blank lines between block lines that have a tab. */
  readonly tabLines: readonly number[];
  readonly lowLines: readonly LowLine[];
}

// Not \s: a no-break space is text.
const BLANKS = /[ \t]*/y;
const BETWEEN = /[ \t\r\n]*/y;
const LINE = /[^\r\n]*/y;
const MARKER = /(?:---|\.\.\.)(?=[ \t\r\n]|$)/y;
const INDICATOR = /[-?:](?=[ \t\r\n]|$)/y;
const BLOCK_HEADER = /[|>][-+\d]*/y;
const PROPERTY = /[&!][^ \t\r\n]*/y;
const ALIAS = /\*[^ \t\r\n,[\]{}]*/y;
/** YAML limits the length of a key. */
const PLAIN_KEY =
  /(?:[^ \t\r\n:]|:(?=[^ \t\r\n])|[ \t]+(?=[^ \t\r\n#])){1,1024}?[ \t]*:(?=[ \t\r\n]|$)/y;
const COLON = /[ \t]*:(?=[ \t\r\n]|$)/y;
/** In brackets: a part of plain text, up to a blank or an indicator. */
const WORD = /(?:[^ \t\r\n,[\]{}:]|:(?=[^ \t\r\n,[\]{}]))+/y;

/**
 * Finds the quoted texts and brackets of a YAML text in one pass. Only for a text that js-yaml does not
 * read, to tell why, or that has tabs in blank lines: it follows the lines as a person does, and stops at
 * the first that is not closed.
 */
export function scanFlowNodes(text: string): FlowNodes {
  const scanner = new Scanner(text);
  while (scanner.readLine());
  return scanner;
}

/**
 * The quote or bracket that an error at an offset is about: it is not closed, or a quote closed on a later
 * line directly before the error, where the next text begins.
 */
export function findUnclosed(text: string, { nodes }: FlowNodes, at: number): number | undefined {
  const node = nodes.findLast(({ start }) => start < at);
  if (node === undefined) return undefined;
  if (node.unclosed !== undefined) return node.unclosed;
  const isQuoted = /["']/.test(text[node.start] ?? '');
  const isLong = /[\r\n]/.test(text.slice(node.start, node.end));
  const isBeforeError = node.end <= at && !/[\r\n]/.test(text.slice(node.end, at));
  return isQuoted && isLong && isBeforeError ? node.start : undefined;
}

class Scanner implements FlowNodes {
  readonly nodes: FlowNode[] = [];
  readonly touchingComments: number[] = [];
  readonly tabs: number[] = [];
  readonly tabsInText: number[] = [];
  readonly tabLines: number[] = [];
  readonly lowLines: LowLine[] = [];
  readonly #text: string;
  #at = 0;
  #lineStart = 0;
  /** Columns of the block collections that are open. */
  #columns: number[] = [];
  /** The last token was a key, a dash or a property of the value that comes. */
  #awaitsValue = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads a line, and the lines that belong to its value. Returns whether there is more. */
  readLine(): boolean {
    const text = this.#text;
    this.#lineStart = this.#at;
    if (this.#skip(MARKER)) this.#columns = [];
    else {
      this.#skip(BLANKS);
      const indent = this.#at - this.#lineStart;
      const first = text[this.#at] ?? '\n';
      const isBlank = /[#\r\n]/.test(first);
      if (isBlank && first !== '#' && text.slice(this.#lineStart, this.#at).includes('\t'))
        this.tabLines.push(this.#lineStart);
      while (!isBlank && (this.#columns.at(-1) ?? -1) > indent) this.#columns.pop();
    }
    while (this.#readToken());
    if (this.nodes.at(-1)?.unclosed !== undefined) return false;
    this.#at = nextLine(text, this.#at);
    return this.#at < text.length;
  }

  /** Returns whether the line may have another one. */
  #readToken(): boolean {
    const from = this.#at;
    this.#skip(BLANKS);
    const start = this.#at;
    if (mayHaveTabs(this.#text, from)) addTabs(this.#text, from, start, this.tabs);
    const first = this.#text[start] ?? '\n';
    if (/[#\r\n]/.test(first)) return false;
    if (this.#skip(INDICATOR)) return this.#open(start);
    if (this.#skip(PROPERTY)) return true;
    const awaitsValue = this.#awaitsValue;
    this.#awaitsValue = false;
    if (/["'[{]/.test(first)) return this.#readFlowNode();
    if (this.#skip(BLOCK_HEADER)) {
      if (awaitsValue) this.#noteLow(start, (this.#columns.at(-1) ?? -1) + 1, LOW_HEADER);
      if (this.#text[this.#at] === '#') this.touchingComments.push(this.#at);
      return this.#skipLines(false);
    }
    if (this.#skip(ALIAS)) return this.#skip(COLON) && this.#open(start);
    if (this.#skip(PLAIN_KEY)) return this.#open(start);
    return this.#skipLines(true, this.#columns.length === 0 ? this.#indentAt(start) : 0);
  }

  #readFlowNode(): boolean {
    const text = this.#text;
    const start = this.#at;
    const minIndent = (this.#columns.at(-1) ?? -1) + 1;
    const { end, unclosed } = /["']/.test(text[start] ?? '')
      ? readQuoted(text, start)
      : new BracketReader(text, start, minIndent, this).read();
    this.nodes.push({ start, end, unclosed, minIndent });
    this.#at = end;
    if (unclosed !== undefined) return false;
    if (text[end] === '#') this.touchingComments.push(end);
    return this.#skip(COLON) && this.#open(start);
  }

  /** Skips plain text or a block scalar: its line, and those that are indented more than its parent. */
  #skipLines(isPlain: boolean, minIndent = 0): false {
    const parent = this.#columns.at(-1) ?? -1;
    this.#skip(LINE);
    for (;;) {
      const next = nextLine(this.#text, this.#at);
      const indent = matchAt(BLANKS, this.#text, next)?.[0].length ?? 0;
      const first = this.#text[next + indent] ?? '';
      const isBlank = first === '\n' || first === '\r';
      if (first === '' || matchAt(MARKER, this.#text, next) !== null) return false;
      if (!isBlank && (indent <= parent || (isPlain && first === '#'))) return false;
      this.#lineStart = next;
      if (!isBlank) this.#noteLow(next + indent, minIndent, LOW_TEXT);
      this.#at = next;
      this.#skip(LINE);
    }
  }

  /** Of the line that begins at an offset; 0 if something is before it on its line. */
  #indentAt(offset: number): number {
    const before = this.#text.slice(this.#lineStart, offset);
    return /^[ \t]*$/.test(before) ? before.length : 0;
  }

  #noteLow(at: number, minIndent: number, message: string): void {
    const missing = minIndent - (at - this.#lineStart);
    if (missing > 0) this.lowLines.push({ at, missing, message });
  }

  /** A block collection whose key, dash or question mark is at an offset. */
  #open(offset: number): true {
    const column = offset - this.#lineStart;
    if (this.#columns.at(-1) !== column) this.#columns.push(column);
    this.#awaitsValue = true;
    return true;
  }

  #skip(pattern: RegExp): boolean {
    const length = matchAt(pattern, this.#text, this.#at)?.[0].length;
    this.#at += length ?? 0;
    return length !== undefined;
  }
}

/** Not in the indentation, nor after a dash or question mark, where a collection may begin. */
function mayHaveTabs(text: string, from: number): boolean {
  return !/(?:^|[ \t\r\n])[-?]?$/.test(text.slice(Math.max(0, from - 2), from));
}

function addTabs(text: string, from: number, end: number, tabs: number[]): void {
  for (let at = from; at < end; at++) if (text[at] === '\t') tabs.push(at);
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/** Reads a collection in brackets, with those in it. */
class BracketReader {
  readonly #text: string;
  readonly #found: Scanner;
  readonly #open: number[] = [];
  readonly #minIndent: number;
  #at: number;
  /** In plain text, quotes are text. */
  #isPlain = false;

  constructor(text: string, start: number, minIndent: number, found: Scanner) {
    this.#text = text;
    this.#at = start;
    this.#minIndent = minIndent;
    this.#found = found;
  }

  read(): Ended {
    while (this.#at < this.#text.length && !isMarker(this.#text, this.#at)) {
      const char = this.#text[this.#at] as string;
      const ended = this.#readToken(char);
      if (ended !== undefined) return ended;
      this.#isPlain = continuesPlainText(char, this.#isPlain);
    }
    return { end: this.#at, unclosed: this.#open.at(-1) };
  }

  /** Returns where the collection ends, if that is here. */
  #readToken(char: string): Ended | undefined {
    if (char === '#') return this.#skipComment();
    if (/["']/.test(char) && !this.#isPlain) return this.#readQuoted();
    if (/[\]}]/.test(char)) return this.#close(char);
    if (/[[{]/.test(char)) this.#open.push(this.#at);
    if (/[\r\n]/.test(char) && this.#isPlain) return this.#skipBreak();
    if (char === '\t' && !this.#isPlain) this.#found.tabs.push(this.#at);
    const isAfterKey = char === ':' && /["'\]}]/.test(this.#text[this.#at - 1] ?? '');
    const word = isAfterKey ? undefined : matchAt(WORD, this.#text, this.#at)?.[0];
    this.#at += word?.length ?? 1;
    return undefined;
  }

  /** Between two lines of plain text. */
  #skipBreak(): undefined {
    const between = matchAt(BETWEEN, this.#text, this.#at)?.[0] ?? '';
    for (const { index, 0: found, 1: indent = '' } of between.matchAll(/[\r\n]( *)\t/g)) {
      if (indent.length >= this.#minIndent) continue;
      this.#found.tabsInText.push(this.#at + index + found.length - 1);
      break;
    }
    this.#at += between.length;
  }

  #skipComment(): undefined {
    const isTouching = !/[ \t\r\n]/.test(this.#text[this.#at - 1] ?? '\n');
    if (isTouching && !this.#isPlain) this.#found.touchingComments.push(this.#at);
    this.#at += matchAt(LINE, this.#text, this.#at)?.[0].length ?? 1;
  }

  #readQuoted(): Ended | undefined {
    const quoted = readQuoted(this.#text, this.#at);
    this.#at = quoted.end;
    return quoted.unclosed === undefined ? undefined : quoted;
  }

  #close(char: string): Ended | undefined {
    const unclosed = this.#open.pop();
    if (unclosed !== undefined && CLOSING[this.#text[unclosed] ?? ''] !== char)
      return { end: this.#at, unclosed };
    this.#at += 1;
    return this.#open.length === 0 ? { end: this.#at, unclosed: undefined } : undefined;
  }
}

function continuesPlainText(char: string, isPlain: boolean): boolean {
  return /[ \t\r\n]/.test(char) ? isPlain : !/[,[\]{}"':!&?#]/.test(char);
}

function isMarker(text: string, at: number): boolean {
  return /[\r\n]/.test(text[at - 1] ?? '\n') && matchAt(MARKER, text, at) !== null;
}

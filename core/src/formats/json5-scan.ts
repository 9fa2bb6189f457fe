import JSON5 from 'json5';
import { MAX_DEPTH, type SyntaxIssue } from './format.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { duplicateKey, reservedKey, tooDeep } from './syntax-issue.ts';

export interface Json5Scan {
  readonly place: SourceNode;
  /** Keys that stand twice in their object or are reserved, or that the text is nested too deep. */
  readonly complaints: readonly SyntaxIssue[];
}

const SPACE = /\s+|\/\/.*|\/\*[\s\S]*?\*\//y;
const BARE = /[^\s{}[\]:,"'/]+/y;

/** Looks where everything stands in a valid JSON5 text, and for what json5 itself lets pass. */
export function scanJson5(text: string): Json5Scan {
  const scanner = new Scanner(text);
  let offset = 0;
  while (offset < text.length && !scanner.isTooDeep) offset = scanner.read(offset);
  return scanner;
}

class Scanner implements Json5Scan {
  readonly complaints: SyntaxIssue[] = [];
  isTooDeep = false;
  readonly #text: string;
  readonly #top = nodeAt('list', 0);
  readonly #open: SourceNode[] = [this.#top];
  #key: { readonly name: string; readonly offset: number } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get place(): SourceNode {
    return this.#top.children.get('0') ?? this.#top;
  }

  /** Reads the token at an offset, and says where the next one is. */
  read(offset: number): number {
    const character = this.#text[offset] ?? '';
    switch (character) {
      case '{':
      case '[':
        this.#begin(nodeAt(character === '{' ? 'mapping' : 'list', offset));
        return offset + 1;
      case '}':
      case ']':
        this.#open.pop();
        return offset + 1;
      case ',':
      case ':':
        return offset + 1;
      case '"':
      case "'":
        return this.#scalar(offset, endOfString(this.#text, offset));
      default: {
        const space = lengthOf(SPACE, this.#text, offset);
        if (space > 0) return offset + space;
        // One character at least, so that no text can hold it up.
        return this.#scalar(offset, offset + Math.max(1, lengthOf(BARE, this.#text, offset)));
      }
    }
  }

  #begin(place: SourceNode): void {
    if (this.#open.length > MAX_DEPTH) {
      this.isTooDeep = true;
      this.complaints.push(tooDeep(place.offset));
    }
    this.#add(place);
    this.#open.push(place);
  }

  #scalar(offset: number, end: number): number {
    if (this.#parent.kind !== 'mapping' || this.#key !== undefined)
      this.#add(nodeAt('scalar', offset));
    else this.#key = { name: nameOf(this.#text.slice(offset, end)), offset };
    return end;
  }

  #add(place: SourceNode): void {
    const { children } = this.#parent;
    const key = this.#key;
    this.#key = undefined;
    if (key === undefined) children.set(String(children.size), place);
    else if (key.name === '__proto__') this.complaints.push(reservedKey(key.offset));
    else if (children.has(key.name)) this.complaints.push(duplicateKey(key.name, key.offset));
    else children.set(key.name, { ...place, keyOffset: key.offset });
  }

  get #parent(): SourceNode {
    return this.#open.at(-1) ?? this.#top;
  }
}

function lengthOf(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0].length ?? 0;
}

function endOfString(text: string, start: number): number {
  const quote = text[start];
  let offset = start + 1;
  while (offset < text.length && text[offset] !== quote) offset += text[offset] === '\\' ? 2 : 1;
  return offset + 1;
}

/** A key may be quoted, escaped or bare; json5 itself says what it means. */
function nameOf(written: string): string {
  if (!/["'\\]/.test(written)) return written;
  return Object.keys(JSON5.parse<object>(`{${written}:0}`))[0] ?? '';
}

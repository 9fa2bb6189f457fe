import JSON5 from 'json5';
import type { Issue } from '../model/issue.ts';
import { MAX_DEPTH } from './format.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { duplicateKey, reservedKey, tooDeep } from './syntax-issues.ts';

export interface Json5Scan {
  readonly node: SourceNode;
  /** Duplicate and reserved keys, and values nested too deep. */
  readonly issues: readonly Issue[];
}

const SPACE = /\s+|\/\/.*|\/\*[\s\S]*?\*\//y;
const BARE = /[^\s{}[\]:,"'/]+/y;

/** Finds the positions in a valid JSON5 text, and the issues that json5 itself accepts. */
export function scanJson5(text: string): Json5Scan {
  const scanner = new Scanner(text);
  let offset = 0;
  while (offset < text.length && !scanner.isTooDeep) offset = scanner.read(offset);
  return scanner;
}

class Scanner implements Json5Scan {
  readonly issues: Issue[] = [];
  isTooDeep = false;
  readonly #text: string;
  readonly #top = nodeAt('list', 0);
  readonly #open: SourceNode[] = [this.#top];
  #key: { readonly name: string; readonly offset: number } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get node(): SourceNode {
    return this.#top.children.get('0') ?? this.#top;
  }

  /** Reads the token at an offset. Returns the offset of the next one. */
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
        // At least one character, so that it ends for any text.
        return this.#scalar(offset, offset + Math.max(1, lengthOf(BARE, this.#text, offset)));
      }
    }
  }

  #begin(node: SourceNode): void {
    if (this.#open.length > MAX_DEPTH) {
      this.isTooDeep = true;
      this.issues.push(tooDeep(node.offset));
    }
    this.#add(node);
    this.#open.push(node);
  }

  #scalar(offset: number, end: number): number {
    if (this.#parent.kind !== 'mapping' || this.#key !== undefined)
      this.#add(nodeAt('scalar', offset));
    else this.#key = { name: nameOf(this.#text.slice(offset, end)), offset };
    return end;
  }

  #add(node: SourceNode): void {
    const { children } = this.#parent;
    const key = this.#key;
    this.#key = undefined;
    if (key === undefined) children.set(String(children.size), node);
    else if (key.name === '__proto__') this.issues.push(reservedKey(key.offset));
    else if (children.has(key.name)) this.issues.push(duplicateKey(key.name, key.offset));
    else children.set(key.name, { ...node, keyOffset: key.offset });
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

/** A key may be quoted, escaped or bare; json5 itself decodes it. */
function nameOf(written: string): string {
  if (!/["'\\]/.test(written)) return written;
  return Object.keys(JSON5.parse<object>(`{${written}:0}`))[0] ?? '';
}

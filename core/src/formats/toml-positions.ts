import { parse } from 'smol-toml';
import { matchAt } from './lines.ts';
import { nodeAt, type SourceNode } from './source-node.ts';

/** The positions of all values of a valid TOML text. */
export function readTomlPositions(text: string): SourceNode {
  return new TomlPositions(text).read();
}

interface Key {
  readonly name: string;
  readonly offset: number;
}

const SPACE = /\s+/y;
const COMMENT = /#[^\n]*/y;
const BARE_KEY = /[^\s.=\]"'#]+/y;
/** A number, a date (with a space before its time), true or false. */
const BARE_VALUE = /[^,\]}#\r\n]+/y;

/** Reads valid text only, so it does not check for mistakes. */
class TomlPositions {
  readonly #text: string;
  readonly #root = nodeAt('mapping', 0);
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SourceNode {
    let table = this.#root;
    for (this.#skip(); !this.#isOver(); this.#skip())
      if (this.#next() === '[') table = this.#header();
      else this.#pair(table);
    return this.#root;
  }

  /** `[a.b]` or `[[a.b]]`: the mapping for the next lines. */
  #header(): SourceNode {
    const isList = this.#text.startsWith('[[', this.#offset);
    this.#offset += isList ? 2 : 1;
    const { parent, last } = this.#path(this.#root);
    this.#offset += isList ? 2 : 1;
    const { name, offset } = last;
    const known = parent.children.get(name);
    if (!isList) return put(parent, last, { ...(known ?? nodeAt('mapping', offset)), offset });
    const list = known ?? put(parent, last, nodeAt('list', offset));
    return put(list, { name: String(list.children.size), offset }, nodeAt('mapping', offset));
  }

  #pair(table: SourceNode): void {
    const { parent, last } = this.#path(table);
    this.#skip();
    this.#offset += '='.length;
    put(parent, last, this.#value());
  }

  /** A dotted key: the mapping of its last part. */
  #path(from: SourceNode): { readonly parent: SourceNode; readonly last: Key } {
    let parent = from;
    let last = this.#key();
    while (this.#next() === '.') {
      this.#offset += '.'.length;
      parent = entered(parent, last);
      last = this.#key();
    }
    return { parent, last };
  }

  #key(): Key {
    this.#skip();
    const offset = this.#offset;
    if (/["']/.test(this.#next())) this.#offset = endOfTomlString(this.#text, this.#offset);
    else this.#match(BARE_KEY);
    const written = this.#text.slice(offset, this.#offset);
    this.#skip();
    return { name: nameOf(written), offset };
  }

  #value(): SourceNode {
    this.#skip();
    const offset = this.#offset;
    if (this.#next() === '[') return this.#collection('list', ']');
    if (this.#next() === '{') return this.#collection('mapping', '}');
    if (/["']/.test(this.#next())) this.#offset = endOfTomlString(this.#text, this.#offset);
    else if (!this.#match(BARE_VALUE)) this.#offset++;
    return nodeAt('scalar', offset);
  }

  #collection(kind: 'list' | 'mapping', close: string): SourceNode {
    const node = nodeAt(kind, this.#offset);
    this.#offset += '['.length;
    for (this.#skip(); !this.#isOver() && this.#next() !== close; this.#skip()) {
      if (kind === 'mapping') this.#pair(node);
      else node.children.set(String(node.children.size), this.#value());
      this.#skip();
      if (this.#next() === ',') this.#offset += ','.length;
    }
    this.#offset += close.length;
    return node;
  }

  /** Checked in each loop: if smol-toml reads a text in another way, this must still end. */
  #isOver(): boolean {
    return this.#offset >= this.#text.length;
  }

  #next(): string {
    return this.#text[this.#offset] ?? '';
  }

  #skip(): void {
    while (this.#match(SPACE) || this.#match(COMMENT));
  }

  #match(pattern: RegExp): boolean {
    const found = matchAt(pattern, this.#text, this.#offset);
    this.#offset += found?.[0].length ?? 0;
    return found !== null;
  }
}

/** The offset behind the text in quotes at an offset; at least the text's length if it is not closed. */
export function endOfTomlString(text: string, start: number): number {
  const quote = text[start] ?? '';
  const isLong = text.startsWith(quote.repeat(3), start);
  const close = isLong ? quote.repeat(3) : quote;
  let offset = start + close.length;
  while (offset < text.length && !text.startsWith(close, offset))
    offset += quote === '"' && text[offset] === '\\' ? 2 : 1;
  offset += close.length;
  // The content of a long string may end in one or two quotes.
  while (isLong && text[offset] === quote) offset++;
  return offset;
}

function put(parent: SourceNode, { name, offset }: Key, node: SourceNode): SourceNode {
  const located = { ...node, keyOffset: offset };
  // Scalars share one map: a text that is not valid must not put anything into it.
  if (parent.kind !== 'scalar') parent.children.set(name, located);
  return located;
}

/** The mapping under a key, created if missing; in a list of tables, the last one. */
function entered(parent: SourceNode, key: Key): SourceNode {
  const child = parent.children.get(key.name) ?? put(parent, key, nodeAt('mapping', key.offset));
  return child.kind === 'list' ? ([...child.children.values()].at(-1) ?? child) : child;
}

/** smol-toml itself decodes an escaped key. */
function nameOf(written: string): string {
  if (written[0] === "'" || (written[0] === '"' && !written.includes('\\')))
    return written.slice(1, -1);
  return written[0] === '"' ? (Object.keys(parse(`${written}=0`))[0] ?? '') : written;
}

import type { Issue } from '../model/issue.ts';
import { MAX_DEPTH } from './format.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { duplicateKey, reservedKey, tooDeep } from './syntax-issues.ts';

/** A long comment, a quote, a bracket or separator, or else a number, a word or a bare key. */
const TOKEN = /\/\*[\s\S]*?\*\/|["'{}[\]:,]|[^\s{}[\]:,"'/]+/;

/**
 * The positions of all values of a valid JSON or JSON5 text, and what its parser accepts but lastgood
 * does not. Stops at the first value that is nested too deep.
 *
 * @param lineBreaks - the characters that end a comment, as in a regular expression
 * @param decodeKey - gives the name of a key
 */
export function readJsonPositions(
  text: string,
  lineBreaks?: string,
  decodeKey: (written: string) => string = JSON.parse,
): JsonPositions {
  const reader = new JsonPositions(decodeKey);
  for (const { token, offset } of jsonTokens(text, lineBreaks)) {
    reader.read(token, offset);
    if (reader.isTooDeep) break;
  }
  return reader;
}

/** The characters that end a comment of JSON5. */
export const LINE_BREAKS_OF_JSON5 = '\\r\\n\\u2028\\u2029';

/** The tokens of a valid text, with its comments. */
export function* jsonTokens(
  text: string,
  lineBreaks = '\\r\\n',
): Generator<{ readonly token: string; readonly offset: number }> {
  const tokens = new RegExp(`//[^${lineBreaks}]*|${TOKEN.source}`, 'g');
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const { index } = found;
    // Not by the expression: in a string with many escapes its stack would overflow.
    if (/^["']/.test(found[0])) tokens.lastIndex = endOfString(text, index);
    yield { token: text.slice(index, tokens.lastIndex), offset: index };
  }
}

/** The offset behind the string at an offset; more than the text's length if it is not closed. */
export function endOfString(text: string, start: number): number {
  const quote = text[start];
  let offset = start + 1;
  while (offset < text.length && text[offset] !== quote) offset += text[offset] === '\\' ? 2 : 1;
  return offset + 1;
}

class JsonPositions {
  /** Duplicate and reserved keys, and values nested too deep. */
  readonly issues: Issue[] = [];
  isTooDeep = false;
  readonly #decodeKey: (written: string) => string;
  readonly #top = nodeAt('list', 0);
  readonly #open = [this.#top];
  #key: { readonly name: string; readonly offset: number } | undefined;

  constructor(decodeKey: (written: string) => string) {
    this.#decodeKey = decodeKey;
  }

  get root(): SourceNode {
    return this.#top.children.get('0') ?? this.#top;
  }

  read(token: string, offset: number): void {
    const parent = this.#open.at(-1) ?? this.#top;
    if (token === '{' || token === '[')
      this.#begin(parent, nodeAt(token === '{' ? 'mapping' : 'list', offset));
    else if (token === '}' || token === ']') this.#open.pop();
    else if (/^[/:,]/.test(token)) return;
    else if (parent.kind !== 'mapping' || this.#key !== undefined)
      this.#add(parent, nodeAt('scalar', offset));
    else this.#key = { name: this.#decodeKey(token), offset };
  }

  #begin(parent: SourceNode, node: SourceNode): void {
    this.isTooDeep = this.#open.length > MAX_DEPTH;
    if (this.isTooDeep) this.issues.push(tooDeep(node.offset));
    this.#add(parent, node);
    this.#open.push(node);
  }

  #add({ children }: SourceNode, node: SourceNode): void {
    const key = this.#key;
    this.#key = undefined;
    if (key === undefined) children.set(String(children.size), node);
    else if (key.name === '__proto__') this.issues.push(reservedKey(key.offset));
    else if (children.has(key.name)) this.issues.push(duplicateKey(key.name, key.offset));
    else children.set(key.name, { ...node, keyOffset: key.offset });
  }
}

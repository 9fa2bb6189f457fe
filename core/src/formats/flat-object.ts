import type { SyntaxIssue } from './format.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { duplicateKey, reservedKey } from './syntax-issue.ts';

/** Gathers the keys of one mapping as a line-based format gives them, each where it stands. */
export class FlatObjectBuilder {
  readonly value: Record<string, unknown> = {};
  readonly place: SourceNode;
  readonly #seen = new Set<string>();
  readonly #fold: (key: string) => string;

  /** @param fold - gives two keys that are one to the reader of the file the same text */
  constructor(offset: number, fold: (key: string) => string = (key) => key) {
    this.place = nodeAt('mapping', offset);
    this.#fold = fold;
  }

  /** Takes a key, or says why not. */
  add(key: string, keyOffset: number, value: unknown, place: SourceNode): SyntaxIssue | undefined {
    if (key === '__proto__') return reservedKey(keyOffset);
    const folded = this.#fold(key);
    if (this.#seen.has(folded)) return duplicateKey(key, keyOffset);
    this.#seen.add(folded);
    this.value[key] = value;
    this.place.children.set(key, { ...place, keyOffset });
    return undefined;
  }

  addText(key: string, keyOffset: number, value: string, offset: number): SyntaxIssue | undefined {
    return this.add(key, keyOffset, value, nodeAt('scalar', offset));
  }
}

import type { Complaint } from './format.ts';
import { type Place, placeAt } from './source-node.ts';
import { duplicateKey, reservedKey } from './syntax-issue.ts';

/** Gathers the keys of one mapping as a line-based format gives them, each where it stands. */
export class Table {
  readonly value: Record<string, unknown> = {};
  readonly place: Place;
  readonly #seen = new Set<string>();
  readonly #fold: (key: string) => string;

  /** @param fold - gives two keys that are one to the reader of the file the same text */
  constructor(offset: number, fold: (key: string) => string = (key) => key) {
    this.place = placeAt('mapping', offset);
    this.#fold = fold;
  }

  /** Takes a key, or says why not. */
  add(key: string, keyOffset: number, value: unknown, place: Place): Complaint | undefined {
    if (key === '__proto__') return reservedKey(keyOffset);
    const folded = this.#fold(key);
    if (this.#seen.has(folded)) return duplicateKey(key, keyOffset);
    this.#seen.add(folded);
    this.value[key] = value;
    this.place.children.set(key, { ...place, keyOffset });
    return undefined;
  }

  addText(key: string, keyOffset: number, value: string, offset: number): Complaint | undefined {
    return this.add(key, keyOffset, value, placeAt('scalar', offset));
  }
}

import type { Unsubscribe } from '../config.ts';

/** What an app has registered, in order. The same function twice is two entries. */
export class Registry<T> {
  readonly #entries = new Set<{ readonly item: T }>();

  add(item: T): Unsubscribe {
    const entry = { item };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Those of now, without one that is removed before its turn. */
  *[Symbol.iterator](): Generator<T, void> {
    for (const entry of [...this.#entries]) if (this.#entries.has(entry)) yield entry.item;
  }
}

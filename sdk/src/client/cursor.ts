import type { Change } from '../config.ts';
import { isEmpty } from '../values/diff.ts';
import { differenceOf } from './difference.ts';
import type { Loaded, Versions } from './versions.ts';

/** One change of a view, from what the reader saw last to what is active. */
export interface Step<T> {
  readonly next: T;
  readonly previous: T;
  readonly change: Change;
}

/**
 * How far a reader has come in the changes of a view. It needs no queue: a reader that was busy during
 * several changes takes them as one, from the last that it saw to the newest.
 */
export class Cursor<T> {
  readonly #versions: Versions;
  readonly #index: number;
  #seen: Loaded;

  constructor(versions: Versions, index: number) {
    this.#versions = versions;
    this.#index = index;
    this.#seen = versions.current;
  }

  /**
   * Moves on. Undefined if there is nothing new, or after close; else what makes the step. That gives none
   * if the value is the same: another file has changed.
   */
  take(): (() => Step<T> | undefined) | undefined {
    const versions = this.#versions;
    const [from, to] = [this.#seen, versions.active];
    if (versions.isClosed || from.version === to.version) return undefined;
    this.#seen = to;
    return () => {
      const previous = versions.valueOf(from, this.#index) as T;
      const next = versions.valueOf(to, this.#index) as T;
      const difference = differenceOf(previous, next);
      if (isEmpty(difference)) return undefined;
      const change = { version: to.version, previous: from.version, ...difference };
      return { next, previous, change: Object.freeze(change) };
    };
  }
}

import type { Lease } from '../config-resource.ts';
import { settlesWithin } from '../timer.ts';

/** Something that is open, with its users. */
export class Slot<Part, Opened> {
  readonly part: Part;
  readonly opened: Opened;
  #users = 0;
  readonly #waiting = new Set<() => void>();

  constructor(part: Part, opened: Opened) {
    this.part = part;
    this.opened = opened;
  }

  get users(): number {
    return this.#users;
  }

  enter(): this {
    this.#users += 1;
    return this;
  }

  leave(): void {
    this.#users -= 1;
    if (this.#users === 0) for (const wake of this.#waiting) wake();
  }

  /** Of a user that has entered. It leaves with the first `release`. */
  lease(): Lease<Opened> {
    let isHeld = true;
    const release = () => {
      if (isHeld) this.leave();
      isHeld = false;
    };
    return { value: this.opened, release, [Symbol.dispose]: release };
  }

  /** Resolves when the last user has left, after `ms`, or when the signal aborts. */
  async untilIdle(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#users === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    signal?.addEventListener('abort', () => resolve(), { once: true });
    await settlesWithin(promise, ms);
    this.#waiting.delete(resolve);
  }
}

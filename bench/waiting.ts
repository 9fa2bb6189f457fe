/** Waits for conditions, and checks them again at each event. */
export class Waiting {
  readonly #waiters = new Set<() => void>();

  /** Checks all conditions again. */
  wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  /** The first value that `look` returns; undefined at the deadline. */
  until<T>(look: () => T | undefined, withinMs: number): Promise<T | undefined> {
    const found = look();
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => {
      const end = (value: T | undefined) => {
        clearTimeout(late);
        this.#waiters.delete(waiter);
        resolve(value);
      };
      const late = setTimeout(() => end(undefined), withinMs);
      const waiter = () => {
        const value = look();
        if (value !== undefined) end(value);
      };
      this.#waiters.add(waiter);
    });
  }
}

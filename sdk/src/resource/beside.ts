import type { Prepared } from '../config.ts';
import { isSameValue } from '../values/diff.ts';
import type { Slot } from './slot.ts';
import type { Slots } from './slots.ts';
import type { Swap } from './swap.ts';

/** Opens the new one while the old one is used, so that users never wait. */
export class Beside<Part, Opened> implements Swap<Part> {
  readonly #slots: Slots<Part, Opened>;

  constructor(slots: Slots<Part, Opened>) {
    this.#slots = slots;
  }

  async start(part: Part, signal: AbortSignal): Promise<void> {
    this.#slots.activate(await this.#open(part, signal));
  }

  async prepare(part: Part, signal: AbortSignal): Promise<Prepared | undefined> {
    const old = this.#slots.active;
    if (old === undefined || isSameValue(old.part, part)) return undefined;
    const slot = await this.#open(part, signal);
    return {
      commit: () => {
        this.#slots.activate(slot);
        void this.#slots.drain(old);
      },
      abort: () => void this.#slots.close(slot),
    };
  }

  async #open(part: Part, signal: AbortSignal): Promise<Slot<Part, Opened>> {
    const slot = await this.#slots.open(part, signal);
    try {
      await this.#slots.check(part, signal);
      return slot;
    } catch (error) {
      void this.#slots.close(slot);
      throw error;
    }
  }

  end(): void {}
}

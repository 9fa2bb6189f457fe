import { findingFrom } from '@lastgood/core/model/error.ts';
import type { State } from '../rollout/state.ts';
import { MAX_WAIT_MS, sleepWithJitter } from './backoff.ts';
import type { Ports } from './ports.ts';

/** Wait before the journal is tried again, the first time; then twice as long each. */
const FIRST_RETRY_MS = 1_000;

/** Writes the states of a bundle down: nothing may happen that is not written (P7). */
export class Journal {
  readonly #ports: Ports;
  readonly #stopped: AbortSignal;
  #written = '';

  constructor(ports: Ports, stopped: AbortSignal) {
    this.#ports = ports;
    this.#stopped = stopped;
  }

  /**
   * Returns when the state is written, however long that takes, or when all is to stop. Rejects where
   * a failure is not waited out.
   */
  async write(state: State): Promise<void> {
    const { observer, writeJournal, retriesJournal } = this.#ports;
    if (writeJournal === undefined) return;
    // What is left out is found again by the first look.
    const { desired, checking, next, rejected, ...lasting } = state;
    const text = JSON.stringify(lasting);
    let isBlocked = false;
    for (let ms = FIRST_RETRY_MS; text !== this.#written; ms = Math.min(ms * 2, MAX_WAIT_MS)) {
      try {
        await writeJournal(state);
        this.#written = text;
      } catch (error) {
        if (!retriesJournal) throw error;
        const finding = findingFrom(error);
        observer.trouble(finding);
        observer.blocked(finding, state);
        isBlocked = true;
        if (this.#stopped.aborted) return;
        await sleepWithJitter(this.#ports, ms, this.#stopped);
      }
    }
    if (isBlocked) observer.blocked(null, state);
  }
}

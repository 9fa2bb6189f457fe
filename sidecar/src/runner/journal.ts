import { backoff } from '@lastgood/core/model/backoff.ts';
import { findingFrom } from '@lastgood/core/model/error.ts';
import { OWN_RETRIES, type State } from '../rollout/state.ts';
import type { Ports } from './ports.ts';
import { sleepWithJitter } from './retry-wait.ts';

/** Writes every state of a bundle to disk before the sidecar acts on it (P7). */
export class Journal {
  readonly #ports: Ports;
  readonly #stopped: AbortSignal;
  #written = '';

  constructor(ports: Ports, stopped: AbortSignal) {
    this.#ports = ports;
    this.#stopped = stopped;
  }

  /**
   * Retries until the state is written, or until `stopped` aborts. With `retriesJournal` off, rejects
   * at the first failure.
   */
  async write(state: State): Promise<void> {
    const { observer, writeJournal, retriesJournal } = this.#ports;
    if (writeJournal === undefined) return;
    // These are captured again after a restart, so a change of them alone needs no write.
    const { desired, checking, next, rejected, ...lasting } = state;
    const text = JSON.stringify(lasting);
    let failures = 0;
    while (text !== this.#written)
      try {
        await writeJournal(state);
        this.#written = text;
      } catch (error) {
        if (!retriesJournal) throw error;
        const finding = findingFrom(error);
        observer.problem(finding);
        observer.blocked(finding, state);
        if (this.#stopped.aborted) return;
        failures += 1;
        await sleepWithJitter(this.#ports, backoff(failures, OWN_RETRIES), this.#stopped);
      }
    if (failures > 0) observer.blocked(null, state);
  }
}

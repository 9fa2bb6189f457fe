import type { Clock } from '@lastgood/core/model/clock.ts';

/** Running apps are back within this after the socket has opened again. */
const RECONNECTED_MS = 3_000;

/** Gives apps that were connected before a restart of the sidecar the time to come back. */
export class Reconnects {
  readonly #clock: Clock;
  #openedMs: number;
  #isRestart = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#openedMs = clock.nowMs();
  }

  /** The socket has opened. */
  opened(): void {
    this.#openedMs = this.#clock.nowMs();
  }

  /** The sidecar has restarted. */
  expect(): void {
    this.#isRestart = true;
  }

  /** Never rejects. */
  async wait(signal: AbortSignal): Promise<void> {
    const leftMs = this.#openedMs + RECONNECTED_MS - this.#clock.nowMs();
    if (this.#isRestart && leftMs > 0) await this.#clock.sleep(leftMs, signal).catch(() => {});
  }
}

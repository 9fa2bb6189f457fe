import { backoff } from '@lastgood/core/model/backoff.ts';
import { OWN_RETRIES } from '../rollout/state.ts';
import { CANCELLED, sleepWithJitter, type Timing } from './retry-wait.ts';

/**
 * Decides when to capture the volumes: one capture at a time, requests during a capture become one,
 * and a failed capture is retried.
 */
export class CaptureLoop {
  readonly #capture: () => Promise<boolean>;
  readonly #timing: Timing;
  #phase: 'not-started' | 'idle' | 'capturing' | 'capture-again' = 'not-started';
  #isStopped = false;
  /** Failed captures in a row. */
  #failures = 0;
  #retry = new AbortController();

  /** `capture` captures once, and says whether it could. */
  constructor(capture: () => Promise<boolean>, timing: Timing) {
    this.#capture = capture;
    this.#timing = timing;
  }

  /** The first capture; requests before it are ignored. */
  async start(): Promise<void> {
    this.#phase = 'idle';
    await this.reconcile();
  }

  async reconcile(): Promise<void> {
    if (this.#isStopped || this.#phase === 'not-started') return;
    if (this.#phase !== 'idle') {
      this.#phase = 'capture-again';
      return;
    }
    try {
      do {
        this.#phase = 'capturing';
        if (await this.#capture()) this.#failures = 0;
        else void this.#retryCapture();
        // A request during the capture may have changed it, which narrowing cannot see.
      } while ((this.#phase as string) === 'capture-again');
    } finally {
      this.#phase = 'idle';
    }
  }

  /** No capture begins from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#retry.abort(CANCELLED);
  }

  /** A permission that the kubelet sets a moment later, or a read that hung, causes no event. */
  async #retryCapture(): Promise<void> {
    if (this.#isStopped) return;
    this.#failures += 1;
    this.#retry.abort(CANCELLED);
    this.#retry = new AbortController();
    const ms = backoff(this.#failures, OWN_RETRIES);
    if (await sleepWithJitter(this.#timing, ms, this.#retry.signal)) await this.reconcile();
  }
}

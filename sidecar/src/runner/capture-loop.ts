import { CANCELLED, MAX_WAIT_MS, sleepWithJitter, type Timing } from './backoff.ts';

/** What cannot be captured now is looked at again after this, then at doubling intervals. */
const FIRST_AGAIN_MS = 1_000;

/**
 * When the volumes are looked at: one look at a time, calls that come meanwhile become one, and what
 * cannot be captured is looked at again.
 */
export class CaptureLoop {
  readonly #capture: () => Promise<boolean>;
  readonly #pace: Timing;
  #phase: 'not-started' | 'idle' | 'looking' | 'look-again' = 'not-started';
  #isStopped = false;
  /** How often in a row the volumes could not be captured. */
  #failures = 0;
  #later = new AbortController();

  /** `capture` looks once, and says whether it could. */
  constructor(capture: () => Promise<boolean>, pace: Timing) {
    this.#capture = capture;
    this.#pace = pace;
  }

  /** The first look; those asked for before it are left to it. */
  async start(): Promise<void> {
    this.#phase = 'idle';
    await this.reconcile();
  }

  async reconcile(): Promise<void> {
    if (this.#isStopped || this.#phase === 'not-started') return;
    if (this.#phase !== 'idle') {
      this.#phase = 'look-again';
      return;
    }
    try {
      do {
        this.#phase = 'looking';
        if (await this.#capture()) this.#failures = 0;
        else void this.#retryCapture();
        // The capture may have asked for it in between, which narrowing cannot see.
      } while ((this.#phase as string) === 'look-again');
    } finally {
      this.#phase = 'idle';
    }
  }

  /** No look begins from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#later.abort(CANCELLED);
  }

  /** A permission that the kubelet sets a moment later, or a read that hung, makes no event. */
  async #retryCapture(): Promise<void> {
    if (this.#isStopped) return;
    const ms = Math.min(FIRST_AGAIN_MS * 2 ** this.#failures, MAX_WAIT_MS);
    this.#failures += 1;
    this.#later.abort(CANCELLED);
    this.#later = new AbortController();
    if (await sleepWithJitter(this.#pace, ms, this.#later.signal)) await this.reconcile();
  }
}

import { type BackoffSettings, backoff } from '@lastgood/core/model/backoff.ts';
import type { Prepared } from '../config.ts';
import { settlesWithin } from '../timer.ts';
import { isSameValue } from '../values/diff.ts';
import type { Slot } from './slot.ts';
import type { Slots } from './slots.ts';
import type { Swap } from './swap.ts';

/** Between attempts to open the last good one again. */
const RETRY: BackoffSettings = { backoffMs: 1000, maxMs: 30_000 };

type SetFault = (thrown: unknown) => void;

/** A part of a version that is not committed yet. */
interface Candidate<Part> {
  readonly part: Part;
  readonly onOpen: () => void;
  readonly onFailure: (reason: unknown) => void;
}

/**
 * Closes the old one before it opens the new one, for what does not fit twice. There is one task: to have
 * open what is wanted, the candidate's part or else the last good one. Each change of what is wanted
 * interrupts it, so that it goes straight to the newest, and back to the old one if that is still open.
 */
export class Replace<Part, Opened> implements Swap<Part> {
  readonly #slots: Slots<Part, Opened>;
  readonly #setFault: SetFault;
  #lastGood: Part | undefined;
  #candidate: Candidate<Part> | undefined;
  /** The only one that is open. */
  #slot: Slot<Part, Opened> | undefined;
  /** Aborts when something else is wanted. */
  #course = new AbortController();
  #isWorking = false;
  #hasEnded = false;
  /** Of attempts to open the last good one, in a row. */
  #failures = 0;

  constructor(slots: Slots<Part, Opened>, setFault: SetFault) {
    this.#slots = slots;
    this.#setFault = setFault;
  }

  async start(part: Part, signal: AbortSignal): Promise<void> {
    await this.#slots.check(part, signal);
    this.#slot = await this.#slots.open(part, signal);
    this.#lastGood = part;
    this.#slots.activate(this.#slot);
  }

  async prepare(part: Part, signal: AbortSignal): Promise<Prepared | undefined> {
    if (isSameValue(this.#lastGood, part)) return undefined;
    await this.#slots.check(part, signal);
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const candidate = { part, onOpen: resolve, onFailure: reject };
    const giveUp = () => {
      if (this.#candidate === candidate) this.#want(undefined, signal.reason);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    this.#want(candidate);
    await promise;
    return {
      commit: () => {
        this.#candidate = undefined;
        this.#lastGood = part;
        this.#giveOut();
      },
      abort: giveUp,
    };
  }

  end(): void {
    this.#hasEnded = true;
    this.#want(undefined);
  }

  get #wanted(): Part {
    return this.#candidate === undefined ? (this.#lastGood as Part) : this.#candidate.part;
  }

  #want(candidate: Candidate<Part> | undefined, reason?: unknown): void {
    this.#candidate?.onFailure(reason);
    this.#candidate = candidate;
    this.#course.abort();
    this.#course = new AbortController();
    if (!this.#isWorking) void this.#work();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    while (!this.#hasEnded && !this.#hasArrived()) {
      const { signal } = this.#course;
      if (this.#slot === undefined) await this.#open(signal);
      else await this.#close(this.#slot, signal);
    }
    this.#isWorking = false;
  }

  #hasArrived(): boolean {
    if (this.#slot === undefined || !Object.is(this.#slot.part, this.#wanted)) return false;
    if (this.#candidate === undefined) this.#giveOut();
    // Users still wait: it is not proven (P4).
    else this.#candidate.onOpen();
    return true;
  }

  #giveOut(): void {
    if (this.#failures > 0) this.#setFault(undefined);
    this.#failures = 0;
    this.#slots.activate(this.#slot);
  }

  async #close(slot: Slot<Part, Opened>, signal: AbortSignal): Promise<void> {
    this.#slots.activate(undefined);
    await this.#slots.untilIdle(slot, signal);
    // If another one is wanted now, it may be this one.
    if (signal.aborted) return;
    await this.#slots.close(slot);
    this.#slot = undefined;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const candidate = this.#candidate;
    try {
      this.#slot = await this.#slots.open(this.#wanted, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (candidate === undefined) await this.#retryLater(error, signal);
      else this.#want(undefined, error);
    }
  }

  async #retryLater(error: unknown, signal: AbortSignal): Promise<void> {
    this.#failures += 1;
    this.#setFault(error);
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    await settlesWithin(promise, backoff(this.#failures, RETRY));
  }
}

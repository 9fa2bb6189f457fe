import { setTimeout as sleep } from 'node:timers/promises';
import { DEADLINE_MS } from '../deadline.ts';
import { type App, shortVersion } from './app.ts';
import { DemoFailure } from './failure.ts';

/** Between an answer and the next request, during the story and after it. */
const PAUSE_MS = 3;
const IDLE_PAUSE_MS = 10;
/** Failures that are kept to be shown. */
const MAX_FAILURES = 5;

/** A client that asks the app all the time, and remembers what it was answered. */
export class Traffic {
  readonly #app: App;
  readonly #firstSeenMs = new Map<string, number>();
  readonly #failures: string[] = [];
  #answered = 0;
  #failed = 0;
  #slowestMs = 0;
  #pauseMs = PAUSE_MS;
  #phase: 'going' | 'stopped' = 'going';
  readonly #done: Promise<void>;

  constructor(app: App) {
    this.#app = app;
    this.#done = this.#run();
  }

  get answered(): number {
    return this.#answered;
  }

  get failed(): number {
    return this.#failed;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  get slowestMs(): number {
    return this.#slowestMs;
  }

  /** The versions that answered, in the order in which they first did. */
  get versions(): readonly string[] {
    return [...this.#firstSeenMs.keys()];
  }

  /**
   * When the first answer of a version came, on the clock of `performance.now`. Waits for it: where this
   * process is slow, lastgood may have committed the version before the client's next request.
   */
  async firstSeenMs(version: string): Promise<number> {
    const deadlineMs = performance.now() + DEADLINE_MS;
    for (;;) {
      const seenMs = this.#firstSeenMs.get(version);
      if (seenMs !== undefined) return seenMs;
      if (performance.now() > deadlineMs)
        throw new DemoFailure(`no answer to the client names the version ${version}`);
      await sleep(this.#pauseMs);
    }
  }

  /** Asks less often: it may go on for hours. */
  easeOff(): void {
    this.#pauseMs = IDLE_PAUSE_MS;
  }

  /** Ends after the request in hand. */
  async stop(): Promise<void> {
    this.#phase = 'stopped';
    await this.#done;
  }

  async #run(): Promise<void> {
    while (this.#phase === 'going') {
      const startedMs = performance.now();
      try {
        const { status, body } = await this.#app.predict();
        const nowMs = performance.now();
        if (status !== 200) throw new Error(`status ${status}`);
        const version = shortVersion(body.config.version);
        if (!this.#firstSeenMs.has(version)) this.#firstSeenMs.set(version, nowMs);
        this.#slowestMs = Math.max(this.#slowestMs, nowMs - startedMs);
        this.#answered += 1;
      } catch (error) {
        this.#failed += 1;
        if (this.#failures.length < MAX_FAILURES) this.#failures.push(String(error));
      }
      await sleep(this.#pauseMs);
    }
  }
}

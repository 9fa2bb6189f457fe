import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 20;

/** Requests a URL all the time. */
export class Queries {
  readonly failures: string[] = [];
  answered = 0;
  #phase: 'running' | 'stopped' = 'running';
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#done = this.#run(url);
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    await this.#done;
  }

  async #run(url: string): Promise<void> {
    while (this.#phase === 'running') {
      try {
        const response = await fetch(url);
        const text = await response.text();
        if (!response.ok) throw new Error(`${response.status} ${text}`);
        this.answered += 1;
      } catch (error) {
        this.failures.push(String(error));
      }
      await sleep(PAUSE_MS);
    }
  }
}

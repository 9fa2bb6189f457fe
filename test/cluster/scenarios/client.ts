import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../api.ts';

const PAUSE_MS = 20;

/** What the app answers to `POST /predict`. */
interface Answer {
  readonly config: { readonly version: string | null };
}

/** A client that asks the example app all the time. */
export class Client {
  readonly failures: string[] = [];
  readonly #firstSeenMs = new Map<string, number>();
  #answered = 0;
  #phase: 'running' | 'stopped' = 'running';
  readonly #done: Promise<void>;

  /** @param chooseUrl - of the pod that answers the next request */
  constructor(chooseUrl: () => string) {
    this.#done = this.#run(chooseUrl);
  }

  get answered(): number {
    return this.#answered;
  }

  /** Resolves with the time of the first answer with a version, by its first 12 digits. */
  seen(version: string): Promise<number> {
    return eventually(`an answer with ${version}`, async () => this.#firstSeenMs.get(version));
  }

  get versions(): readonly string[] {
    return [...this.#firstSeenMs.keys()];
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    await this.#done;
  }

  async #run(chooseUrl: () => string): Promise<void> {
    const body = JSON.stringify({ text: 'a lovely, fast phone' });
    while (this.#phase === 'running') {
      try {
        const response = await fetch(`${chooseUrl()}/predict`, { method: 'POST', body });
        const text = await response.text();
        if (response.status !== 200) throw new Error(`${response.status} ${text}`);
        const { version } = (JSON.parse(text) as Answer).config;
        const short = (version ?? 'none').replace(/^sha256:/, '').slice(0, 12);
        if (!this.#firstSeenMs.has(short)) this.#firstSeenMs.set(short, Date.now());
        this.#answered += 1;
      } catch (error) {
        this.failures.push(String(error));
      }
      await sleep(PAUSE_MS);
    }
  }
}

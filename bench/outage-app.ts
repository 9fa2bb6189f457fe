import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readContents } from './contents/contents.ts';
import { Waiting } from './waiting.ts';

/** A separate app on a separate port, which can be down for a while. */
export class OutageApp {
  readonly #dir: string;
  readonly #waiting = new Waiting();
  #server: Server | undefined;
  #port = 0;
  /** The newest generation that was found upon a request, and when. */
  #last: { readonly generation: number; readonly atMs: number } | undefined;

  constructor(dir: string) {
    this.#dir = dir;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/reload`;
  }

  /** Listens, on the port that it had before if it had one. */
  async up(): Promise<void> {
    const server = createServer((_request, response) => {
      const atMs = performance.now();
      const seen = readContents(this.#dir);
      if (typeof seen === 'object') this.#last = { generation: seen.generation, atMs };
      response.end();
      this.#waiting.wake();
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Stops listening: the port refuses connections. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  /** When a request came at which this generation was found; undefined at the deadline. */
  async notified(generation: number, withinMs: number): Promise<number | undefined> {
    const look = () => (this.#last?.generation === generation ? this.#last.atMs : undefined);
    return this.#waiting.until(look, withinMs);
  }
}

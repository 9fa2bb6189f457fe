import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';

/** What an endpoint can do to a request, or instead of one. */
export const FAULTS = ['none', 'down', 'reset', 'hang', 'slow', 500, 503, 429, 302] as const;
export type Fault = (typeof FAULTS)[number];

/** Longer than the timeout of the webhooks, so that a hang is one. */
const HANG_MS = 400;
const SLOW_MS = 15;

/** An app whose endpoint fails as the test sets it, and which reads its volume at a reload. */
export class FaultyApp {
  /** What it found in its volume at the last request that it took. */
  seen: string | undefined;
  requests = 0;
  readonly #dir: string;
  #fault: Fault = 'none';
  #server: http.Server | undefined;
  #port = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/reload`;
  }

  async becomes(fault: Fault): Promise<void> {
    this.#fault = fault;
    await (fault === 'down' ? this.stop() : this.start());
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = http.createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    this.#port ||= await freePort();
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.requests += 1;
    request.resume();
    const fault = this.#fault;
    if (fault === 'reset') return void request.socket.destroy();
    if (fault === 'hang') await sleep(HANG_MS);
    if (fault === 'slow') await sleep(SLOW_MS);
    const isTaken = fault === 'none' || fault === 'slow';
    if (isTaken) this.seen = readFileSync(join(this.#dir, 'config.yaml'), 'utf8');
    response.writeHead(typeof fault === 'number' ? fault : 200, { 'retry-after': '0' }).end();
  }
}

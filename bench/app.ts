import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readContents, type Seen } from './contents/contents.ts';
import { Waiting } from './waiting.ts';

/** What the app saw when a request reached it. */
export interface Sighting {
  /** `performance.now()`, before anything else was done. */
  readonly atMs: number;
  readonly seen: Seen;
  /** Of lastgood's event. */
  readonly version: string | undefined;
}

/** Where one contender sends its requests, and the directory that this app then reads. */
export class Endpoint {
  readonly url: string;
  readonly #dir: string;
  readonly #waiting = new Waiting();
  requests = 0;
  torn = 0;
  last: Sighting | undefined;

  constructor(url: string, dir: string) {
    this.url = url;
    this.#dir = dir;
  }

  /** The first request at which the app finds this generation; undefined at the deadline. */
  sighting(generation: number, withinMs: number): Promise<Sighting | undefined> {
    const look = () => {
      const { last } = this;
      const isIt = typeof last?.seen === 'object' && last.seen.generation === generation;
      return isIt ? last : undefined;
    };
    return this.#waiting.until(look, withinMs);
  }

  /** A request is there. The app reads before it answers, as one that reloads does. */
  look(atMs: number, version: string | undefined): void {
    const seen = readContents(this.#dir);
    this.requests += 1;
    if (typeof seen !== 'object') this.torn += 1;
    this.last = { atMs, seen, version };
  }

  /** Only after the answer, so that the next swap of a contender does not delay it. */
  announce(): void {
    this.#waiting.wake();
  }
}

/** The app of every contender, in this process: it reads its configuration and answers 200. */
export class App {
  readonly #server: Server;
  readonly #endpoints = new Map<string, Endpoint>();

  private constructor() {
    this.#server = createServer((request, response) => this.#respond(request, response));
  }

  static async start(): Promise<App> {
    const app = new App();
    await new Promise<void>((resolve) => app.#server.listen(0, '127.0.0.1', resolve));
    return app;
  }

  /** Answers 200 and records nothing: for a confirmation by health. */
  get healthUrl(): string {
    return this.#urlOf('/health');
  }

  endpoint(name: string, dir: string): Endpoint {
    const path = `/${name}/reload`;
    const endpoint = new Endpoint(this.#urlOf(path), dir);
    this.#endpoints.set(path, endpoint);
    return endpoint;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #urlOf(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    const atMs = performance.now();
    const endpoint = this.#endpoints.get(request.url ?? '');
    endpoint?.look(atMs, request.headers['lastgood-version']?.toString());
    response.end();
    endpoint?.announce();
  }
}

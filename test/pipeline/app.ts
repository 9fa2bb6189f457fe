import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import type { PrepareEvent, ReloadEvent } from '../../sdk/src/index.ts';
import { freePort } from '../free-port.ts';

export interface Reply {
  /** `reset` ends the connection without an answer. */
  readonly status: number | 'reset';
  readonly body?: string;
}

/** An app whose behavior a test sets; it runs on the last version that it accepted. */
export class FakeApp {
  /** Every reload request, in order. */
  readonly events: ReloadEvent[] = [];
  /** Every dry run request, with the files that were in its directory. */
  readonly dryRuns: { readonly event: PrepareEvent; readonly files: Record<string, string> }[] = [];
  /** Decides about a dry run; a promise may be held. */
  onPrepare: (event: PrepareEvent) => Reply | Promise<Reply> = () => ({ status: 200 });
  /** What it runs on, as it echoes it in `/health`. */
  version: string | null = null;
  /** Decides about a reload; a promise may be held. */
  onReload: (event: ReloadEvent) => Reply | Promise<Reply> = () => ({ status: 200 });
  onHealth: () => number = () => 200;
  readonly #server: http.Server;
  #port = 0;

  constructor() {
    this.#server = http.createServer(async (request, response) => {
      if (request.url === '/health') return this.#health(response);
      const event = await bodyOf(request);
      // A sidecar of another test may still call the port, which was free meanwhile.
      if (event === undefined) return answer(response, { status: 400 });
      if (request.url === '/admin/validate') return this.#prepare(event as PrepareEvent, response);
      return this.#reload(event as ReloadEvent, response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens on the same port again after `stop`. */
  async start(): Promise<this> {
    this.#port ||= await freePort();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #health(response: http.ServerResponse): void {
    const body = JSON.stringify({ config: { version: this.version } });
    response.writeHead(this.onHealth()).end(body);
  }

  async #prepare(event: PrepareEvent, response: http.ServerResponse): Promise<void> {
    const names = (await readdir(event.dir)).filter((name) => !name.startsWith('..'));
    const read = names.map(async (name) => [name, await readFile(join(event.dir, name), 'utf8')]);
    this.dryRuns.push({ event, files: Object.fromEntries(await Promise.all(read)) });
    answer(response, await this.onPrepare(event));
  }

  async #reload(event: ReloadEvent, response: http.ServerResponse): Promise<void> {
    this.events.push(event);
    const reply = await this.onReload(event);
    if (Number(reply.status) < 300) this.version = event.version;
    answer(response, reply);
  }
}

function answer(response: http.ServerResponse, { status, body = '' }: Reply): void {
  if (status === 'reset') response.destroy();
  else response.writeHead(status).end(body);
}

async function bodyOf(request: http.IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return tryTo(() => JSON.parse(text));
}

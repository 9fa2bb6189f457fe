import { once } from 'node:events';
import http from 'node:http';
import { freePort } from '../../free-port.ts';

export interface Told {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers?: http.OutgoingHttpHeaders;
}

/** An app that records each request. */
export class Hook {
  readonly told: Told[] = [];
  /** Decides; a promise may be held. */
  onTold: (told: Told) => Answer | Promise<Answer> = () => ({ status: 200 });
  #port = 0;
  readonly #server = http.createServer((request, response) => void this.#hear(request, response));

  get url(): string {
    return `http://${this.host}`;
  }

  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** Listens; after `stop` on the same port again. */
  async start(): Promise<this> {
    this.#port ||= await freePort();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #hear(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url: path = '', headers } = request;
    const told = { method, path, headers, body };
    this.told.push(told);
    const answer = await this.onTold(told);
    response.writeHead(answer.status, answer.headers).end();
  }
}

import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** What a fake answers. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface FakeServer {
  readonly url: string;
  /** Every request that is not a GET, as `POST /path?query body`, in order. */
  readonly told: readonly string[];
}

/** Serves until the test is over. A body that is not a text is sent as JSON. */
export async function serveFake(
  context: TestContext,
  answer: (asked: Asked) => Answer | Promise<Answer>,
): Promise<FakeServer> {
  const told: string[] = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '' } = request;
    if (method !== 'GET') told.push(`${method} ${url} ${body}`.trim());
    const { pathname: path, searchParams: query } = new URL(url, 'http://localhost');
    const { status, body: text = '' } = await answer({ method, path, query, body });
    response.writeHead(status).end(typeof text === 'string' ? text : JSON.stringify(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, told };
}

import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A request as it arrived. */
interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface TestServer {
  readonly port: number;
  readonly url: string;
  /** All requests so far, oldest first. */
  readonly seen: Seen[];
}

export type Respond = (seen: Seen, response: http.ServerResponse) => void;

const ok: Respond = (_seen, response) => void response.end();

/** Listens at a port of 127.0.0.1, or at a Unix socket, until the test is over. */
export async function serve(
  t: TestContext,
  respond: Respond = ok,
  { server = http.createServer() as Server, path = '' } = {},
): Promise<TestServer> {
  const seen: Seen[] = [];
  const onRequest: http.RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method = '', url = '', headers } = request;
    const arrived = { method, url, headers, body };
    seen.push(arrived);
    respond(arrived, response);
  };
  server.on('request', onRequest);
  await listening(t, server, path);
  const port = path === '' ? (server.address() as AddressInfo).port : 0;
  return { port, url: `http://127.0.0.1:${port}`, seen };
}

/** Any server, at a port of 127.0.0.1 or at a path, until the test is over. */
export async function listening(t: TestContext, server: Server, path = ''): Promise<void> {
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => sockets.add(socket));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) =>
    path === '' ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
}

/** A directory for as long as the test lasts. */
export async function directory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lastgood-http-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

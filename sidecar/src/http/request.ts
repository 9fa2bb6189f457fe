import http from 'node:http';
import https from 'node:https';
import { reasonOf } from '../errors.ts';
import type { StatusMatch } from '../settings/settings.ts';

/** No more of a body is read: it is only looked at for a reason or a version. */
const MAX_BODY_BYTES = 64 * 1024;

export interface RequestOptions {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange: connect, send, and read the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** `absent`: nobody listens there, so nobody has seen the request. `fault`: anything else. */
export type Response =
  | { readonly type: 'answer'; readonly status: number; readonly body: string }
  | { readonly type: 'absent' | 'fault'; readonly reason: string };

export interface HttpClient {
  request(options: RequestOptions): Promise<Response>;
  close(): void;
}

/** Nobody is there: refused, or a Unix socket that does not exist. */
const ABSENT = new Set(['ECONNREFUSED', 'ENOENT']);

/** An app closes idle connections after some seconds; used again sooner, one is hardly ever stale. */
const IDLE_MS = 1_000;

/**
 * A client that keeps its connections open for a moment. `node:http` and not `fetch`, which costs
 * about 20 MB of the 64 MiB that the sidecar has. Never rejects; follows no redirect.
 */
export function createHttpClient(): HttpClient {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const [plain, secure] = [new http.Agent(options), new https.Agent(options)];
  let isClosed = false;
  return {
    request: async (request) => {
      const isSecure = request.url.startsWith('https:');
      const exchange = () =>
        isSecure ? exchangeOver(https, secure, request) : exchangeOver(http, plain, request);
      const first = await exchange();
      // The app may close an idle connection just as it is used again. A look may be repeated; of a
      // reload nobody knows whether the app has begun it, so that is a fault like any other.
      const mayRepeat = first.type === 'stale' && request.method === 'GET' && !isClosed;
      return finalOf(mayRepeat ? await exchange() : first);
    },
    close: () => {
      isClosed = true;
      plain.destroy();
      secure.destroy();
    },
  };
}

type Exchange = Response | { readonly type: 'stale'; readonly reason: string };

function finalOf(exchange: Exchange): Response {
  return exchange.type === 'stale' ? { type: 'fault', reason: exchange.reason } : exchange;
}

/** Settles once, whatever Node tells or does not tell; what comes later is ignored. */
function exchangeOver(
  { request }: typeof http | typeof https,
  agent: http.Agent,
  { url, method, headers, body, timeoutMs, signal }: RequestOptions,
): Promise<Exchange> {
  const { promise, resolve } = Promise.withResolvers<Exchange>();
  let outgoing: http.ClientRequest | undefined;
  // Not by the request's own events: one that waits for a connection has none.
  const giveUp = (reason: string) => {
    resolve({ type: 'fault', reason });
    outgoing?.destroy(new Error(reason));
  };
  const onAbort = () => giveUp('aborted');
  const timer = setTimeout(() => giveUp(`no answer within ${timeoutMs} ms`), timeoutMs);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    outgoing = request(url, { agent, method, headers: { ...headers, ...length } });
    listen(outgoing, resolve);
    outgoing.end(body);
  } catch (error) {
    // Userinfo that cannot be decoded, for one; the message might quote it (P8).
    giveUp(error instanceof URIError ? 'the URL is malformed' : reasonOf(error));
  }
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
}

function listen(outgoing: http.ClientRequest, resolve: (exchange: Exchange) => void): void {
  outgoing.on('error', (error) => resolve(failureOf(error, outgoing.reusedSocket)));
  outgoing.on('response', (incoming) => read(incoming, resolve));
  outgoing.on('upgrade', ({ statusCode = 101 }, socket) => {
    socket.destroy();
    resolve({ type: 'answer', status: statusCode, body: '' });
  });
  outgoing.on('close', () => resolve({ type: 'fault', reason: 'closed without an answer' }));
}

function failureOf(error: Error, reusedSocket: boolean): Exchange {
  const reason = reasonOf(error);
  if (ABSENT.has(reason)) return { type: 'absent', reason };
  return { type: reusedSocket && reason === 'ECONNRESET' ? 'stale' : 'fault', reason };
}

function read(incoming: http.IncomingMessage, settle: (exchange: Exchange) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    if (size < MAX_BODY_BYTES) chunks.push(chunk);
    size += chunk.length;
  });
  incoming.on('error', (error) => settle({ type: 'fault', reason: reasonOf(error) }));
  incoming.on('end', () => {
    const body = Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
    settle({ type: 'answer', status: incoming.statusCode ?? 0, body });
  });
}

/** Whether one of the matches means this status code. */
export function matchesStatus(matches: readonly StatusMatch[], status: number): boolean {
  return matches.some((match) =>
    typeof match === 'number' ? match === status : match[0] === String(status)[0],
  );
}

import http from 'node:http';
import https from 'node:https';
import { failureOf, type RequestFailure } from './failure.ts';

/** Enough of a body to find a reason or a version in it. */
const MAX_BODY_BYTES = 64 * 1024;

/** One request as it is sent, with every option resolved. */
export interface Exchange {
  /** Absolute http or https URL. */
  readonly url: string;
  /** Connects to this Unix socket, whatever the host of the URL. */
  readonly socketPath?: string | undefined;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole exchange: connect, send, and read the response. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The rest of a longer body is dropped. */
  readonly maxBodyBytes?: number | undefined;
  /** The request changes nothing, so it can be sent again if it may not have arrived. */
  readonly isIdempotent?: true;
}

export type Response =
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers: http.IncomingHttpHeaders;
    }
  | RequestFailure;

/** `stale`: the app closed a kept connection at the moment when it was used again. */
export type Ended = Response | { readonly type: 'stale'; readonly reason: string };

/**
 * Sends a request over a connection of the agent. Settles once, whichever events Node emits, and
 * ignores those that come later. Never rejects.
 */
export function exchangeOver(agent: http.Agent, exchange: Exchange): Promise<Ended> {
  const { url, socketPath, method, headers, body } = exchange;
  const { promise, resolve } = Promise.withResolvers<Ended>();
  let outgoing: http.ClientRequest | undefined;
  try {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    outgoing = (url.startsWith('https:') ? https : http).request(url, {
      agent,
      method,
      headers: { ...headers, ...length },
      ...(socketPath === undefined ? {} : { socketPath }),
    });
    listen(outgoing, exchange, resolve);
    outgoing.end(body);
  } catch (error) {
    resolve(failureOf(error));
    outgoing?.destroy();
  }
  return withDeadline(promise, exchange, exchange.timeoutMs, (error) => outgoing?.destroy(error));
}

/**
 * Settles as `work` does, or as a fault when no time is left or the signal aborts; `onGiveUp` then
 * ends the work. The timer is not the request's own: Node starts that one only with a connection.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  { timeoutMs, signal }: Pick<Exchange, 'timeoutMs' | 'signal'>,
  leftMs: number,
  onGiveUp?: (reason: Error) => void,
): Promise<T | RequestFailure> {
  const { promise, resolve } = Promise.withResolvers<RequestFailure>();
  const giveUp = (reason: string) => {
    resolve({ type: 'fault', reason });
    onGiveUp?.(new Error(reason));
  };
  const onAbort = () => giveUp('aborted');
  const timer = setTimeout(() => giveUp(`no response within ${timeoutMs} ms`), leftMs);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

function listen(
  outgoing: http.ClientRequest,
  { maxBodyBytes = MAX_BODY_BYTES }: Exchange,
  resolve: (ended: Ended) => void,
): void {
  outgoing.on('error', (error) => {
    const failure = failureOf(error);
    const isStale = outgoing.reusedSocket && failure.reason === 'ECONNRESET';
    resolve(isStale ? { type: 'stale', reason: failure.reason } : failure);
  });
  outgoing.on('response', (incoming) => read(incoming, maxBodyBytes, resolve));
  outgoing.on('upgrade', ({ statusCode = 101, headers }, socket) => {
    socket.destroy();
    resolve({ type: 'answer', status: statusCode, body: '', headers });
  });
  outgoing.on('close', () => resolve({ type: 'fault', reason: 'closed without a response' }));
}

function read(
  incoming: http.IncomingMessage,
  maxBytes: number,
  resolve: (ended: Ended) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    if (size < maxBytes) chunks.push(chunk);
    size += chunk.length;
  });
  incoming.on('error', (error) => resolve(failureOf(error)));
  incoming.on('end', () => {
    const body = Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
    const { statusCode = 0, headers } = incoming;
    resolve({ type: 'answer', status: statusCode, body, headers });
  });
}

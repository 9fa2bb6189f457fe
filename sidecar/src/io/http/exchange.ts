import type http from 'node:http';
import type https from 'node:https';
import { failureOf } from './failure.ts';

/** No more of a body is read, unless asked for: it is only looked at for a reason or a version. */
const MAX_BODY_BYTES = 64 * 1024;

/** What goes over the wire once, with nothing left to be found out. */
export interface Exchange {
  /** Absolute http or https URL. */
  readonly url: string;
  /** The Unix socket that is spoken to, whatever the URL's host. */
  readonly socketPath?: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For the whole exchange: connect, send, and read the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly maxBodyBytes?: number;
  /** It only looks, so that it may be made again when nobody knows whether it has arrived. */
  readonly isLook?: true;
}

/** What carries an exchange; its agent holds the connections that are kept. */
export interface Transport {
  readonly protocol: typeof http | typeof https;
  readonly agent: http.Agent;
}

/** `absent`: nobody listens there, so nobody has seen the request. `fault`: anything else. */
export type Response =
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers: http.IncomingHttpHeaders;
    }
  | { readonly type: 'absent' | 'fault'; readonly reason: string };

/** `stale`: the app closed a kept connection just as it was used again. */
export type Ended = Response | { readonly type: 'stale'; readonly reason: string };

/** Settles once, whatever Node tells or does not tell; what comes later is ignored. Never rejects. */
export function exchangeOver({ protocol, agent }: Transport, exchange: Exchange): Promise<Ended> {
  const { url, socketPath, method, headers, body, timeoutMs, signal } = exchange;
  const { promise, resolve } = Promise.withResolvers<Ended>();
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
    const options = { agent, method, headers: { ...headers, ...length } };
    outgoing = protocol.request(
      url,
      socketPath === undefined ? options : { ...options, socketPath },
    );
    listen(outgoing, exchange, resolve);
    outgoing.end(body);
  } catch (error) {
    resolve(failureOf(error));
    outgoing?.destroy();
  }
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  });
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
  outgoing.on('close', () => resolve({ type: 'fault', reason: 'closed without an answer' }));
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

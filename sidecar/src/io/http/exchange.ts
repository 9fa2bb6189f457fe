import http from 'node:http';
import https from 'node:https';
import { setTimeoutAfterReads } from '@lastgood/core/model/clock.ts';
import { type BodyUse, drain, type ResponseBody, readBody, UNUSED_BODY } from './body.ts';
import { keepEarlyAnswer, sendOnceReading } from './early-answer.ts';
import { failureOf, type RequestFailure } from './failure.ts';
import { tolerateHead } from './tolerant-head.ts';

/** Larger headers are a fault. Node's own limit of 16 KiB is for servers. */
const MAX_HEADER_BYTES = 1024 * 1024;

/** One request as it is sent, with every option resolved. */
export interface Exchange {
  /** Absolute http or https URL. */
  readonly url: string;
  /** Connects to this Unix socket, whatever the host of the URL. */
  readonly socketPath?: string | undefined;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For the whole request: connect, send, and read the response. */
  readonly timeoutMs: number;
  /** What is left of `timeoutMs`, if a part has passed. */
  readonly leftMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Left out: the response ends with its headers. */
  readonly bodyUse?: BodyUse | undefined;
}

export type Response =
  | (ResponseBody & {
      readonly type: 'answer';
      readonly status: number;
      readonly headers: http.IncomingHttpHeaders;
    })
  | RequestFailure;

/**
 * Sends a request over a new connection of the agent. A response counts with its headers, and its body
 * is read only where it is used. Settles once, and ignores what comes later. Never rejects.
 */
export function exchangeOver(agent: http.Agent, exchange: Exchange): Promise<Response> {
  const { url, socketPath, method, headers, body } = exchange;
  const { promise, resolve } = Promise.withResolvers<Response>();
  let outgoing: http.ClientRequest | undefined;
  const listening: Listening = { finish: () => false };
  try {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    outgoing = (url.startsWith('https:') ? https : http).request(url, {
      agent,
      method,
      headers: { ...headers, ...length },
      // Apps answer with whatever their authors wrote, and Go's client takes it. A request has a
      // separate connection, so a misread end cannot mix up two responses.
      insecureHTTPParser: true,
      maxHeaderSize: MAX_HEADER_BYTES,
      ...(socketPath === undefined ? {} : { socketPath }),
    });
    listen(outgoing, exchange, listening, resolve);
    sendOnceReading(outgoing, body);
  } catch (error) {
    resolve(failureOf(error));
    outgoing?.destroy();
  }
  return withDeadline(promise, exchange, (reason) => {
    if (reason === 'late' && listening.finish()) return true;
    outgoing?.destroy(new Error(reason));
    return false;
  });
}

/**
 * Settles as `work` does, or as a fault when no time is left or the signal aborts. `giveUp` ends the
 * work, and returns whether the work settles soon with what it has. The timer is not the request's:
 * Node starts that one only with a connection.
 */
export async function withDeadline<T>(
  work: Promise<T>,
  { timeoutMs, leftMs = timeoutMs, signal }: Pick<Exchange, 'timeoutMs' | 'leftMs' | 'signal'>,
  giveUp: (reason: 'late' | 'aborted') => boolean = () => false,
): Promise<T | RequestFailure> {
  const { promise, resolve } = Promise.withResolvers<RequestFailure>();
  const onLate = () => {
    if (!giveUp('late')) resolve({ type: 'fault', reason: `no response within ${timeoutMs} ms` });
  };
  const onAbort = () => {
    giveUp('aborted');
    resolve({ type: 'fault', reason: 'aborted' });
  };
  const cancel = setTimeoutAfterReads(onLate, leftMs);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, work]);
  } finally {
    cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

interface Listening {
  /** Stops waiting for the rest of a body: what has arrived counts. False if there is no body yet. */
  finish: () => boolean;
}

function listen(
  outgoing: http.ClientRequest,
  { bodyUse }: Exchange,
  listening: Listening,
  resolve: (response: Response) => void,
): void {
  let hasResponse = false;
  const fail = (failure: RequestFailure) => {
    // What goes wrong after the headers is the body's.
    if (!hasResponse) resolve(failure);
  };
  const answer = ({ statusCode = 0, headers }: http.IncomingMessage, body: ResponseBody) =>
    resolve({ type: 'answer', status: statusCode, headers, ...body });
  outgoing.on('socket', (socket) => {
    keepEarlyAnswer(socket);
    tolerateHead(socket);
  });
  outgoing.on('error', (error) => fail(failureOf(error)));
  outgoing.on('close', () => fail({ type: 'fault', reason: 'closed without a response' }));
  outgoing.on('upgrade', (incoming, socket) => {
    hasResponse = true;
    socket.destroy();
    answer(incoming, UNUSED_BODY);
  });
  outgoing.on('response', (incoming) => {
    hasResponse = true;
    if (bodyUse?.isUsed(incoming.statusCode ?? 0)) {
      const reading = readBody(incoming, bodyUse);
      listening.finish = () => {
        reading.finish();
        return true;
      };
      void reading.body.then((body) => answer(incoming, body));
    } else {
      drain(incoming);
      answer(incoming, UNUSED_BODY);
    }
  });
}

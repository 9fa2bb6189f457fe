import type { Agent, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { reasonOf } from '@lastgood/core/model/error.ts';
import { SidecarFault } from './fault.ts';

/** Not by `import`, which reads every property of the module, and so loads undici: 3 MB of heap, and 50 ms. */
const http = process.getBuiltinModule('node:http');

/** An answer without progress for this long is given up. */
const IDLE_MS = 10_000;

/** A connection without a request is kept for this long. */
const KEPT_MS = 5_000;

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Left out: a connection for this request alone. */
  readonly agent?: Agent | undefined;
  readonly signal: AbortSignal;
}

/**
 * Keeps a connection for the next request of a rollout: 200 processes would open 600 for each change. It
 * does not keep the process alive.
 */
export function createAgent(): Agent {
  return new http.Agent({ keepAlive: true, maxSockets: 2, timeout: KEPT_MS });
}

/**
 * Sends a request over a Unix socket, and resolves with the head of the answer. Rejects with the error of
 * the system, or when `signal` aborts.
 */
export function sendRequest(socketPath: string, given: HttpRequest): Promise<IncomingMessage> {
  const { method = 'GET', path, json, agent = false, signal } = given;
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = {
    host: 'lastgood',
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...given.headers,
  };
  return new Promise((resolve, reject) => {
    const options = { socketPath, method, path, headers, signal, agent } as const;
    let response: IncomingMessage | undefined;
    const sent = http.request(options, (head) => {
      response = head;
      // Its reader gets the error. Without a reader, it must not end the app.
      head.on('error', () => {});
      resolve(head);
    });
    sent.setTimeout(IDLE_MS);
    sent.on('timeout', () => {
      const { socket } = sent;
      const { timeout = IDLE_MS, bytesRead } = socket ?? {};
      const fault = new SidecarFault(`the sidecar has been silent for ${timeout / 1000} s`);
      // The app may have blocked the event loop for as long: what has arrived meanwhile is read first.
      setImmediate(() => {
        if (socket?.bytesRead === bytesRead) (response ?? sent).destroy(fault);
        // Node.js tells a request only of the first time.
        else socket?.once('timeout', () => sent.emit('timeout'));
      });
    });
    // It stays, as a second error would end the app.
    sent.on('error', (error) => {
      // The sidecar has closed the connection that was kept, just when this was sent. It takes all twice.
      if (sent.reusedSocket && response === undefined && isReset(error) && !signal.aborted)
        resolve(sendRequest(socketPath, { ...given, agent: undefined }));
      else reject(error);
    });
    sent.end(body);
  });
}

function isReset(error: Error): boolean {
  return ['ECONNRESET', 'EPIPE'].includes(reasonOf(error));
}

/** Reads all of an answer. Rejects if it is longer than `maxBytes`, and if it ends too soon. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes)
      throw new SidecarFault(`the answer of the sidecar is longer than ${maxBytes / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function mediaTypeOf({ 'content-type': type = '' }: IncomingHttpHeaders): string {
  return type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

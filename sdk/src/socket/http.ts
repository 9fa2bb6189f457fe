import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { SidecarFault } from './fault.ts';

/** An answer without progress for this long is given up. */
const IDLE_MS = 10_000;

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly signal: AbortSignal;
}

/**
 * Sends a request over a Unix socket, and resolves with the head of the answer. Each has a separate
 * connection: a sidecar that restarts could close one that is kept, just when the next request is sent.
 * Rejects with the error of the system, or when `signal` aborts.
 */
export function sendRequest(socketPath: string, given: HttpRequest): Promise<IncomingMessage> {
  const { method = 'GET', path, json, signal } = given;
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = {
    host: 'lastgood',
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    ...given.headers,
  };
  return new Promise((resolve, reject) => {
    const options = { socketPath, method, path, headers, signal, agent: false } as const;
    let response: IncomingMessage | undefined;
    const sent = request(options, (head) => {
      response = head;
      // Its reader gets the error. Without a reader, it must not end the app.
      head.on('error', () => {});
      resolve(head);
    });
    sent.setTimeout(IDLE_MS, () => {
      const seconds = (sent.socket?.timeout ?? IDLE_MS) / 1000;
      const fault = new SidecarFault(`the sidecar has been silent for ${seconds} s`);
      (response ?? sent).destroy(fault);
    });
    // It stays, as a second error would end the app.
    sent.on('error', reject);
    sent.end(body);
  });
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

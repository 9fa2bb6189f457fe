import type http from 'node:http';
import { promisify } from 'node:util';
import { setTimeoutAfterReads } from '@lastgood/core/model/clock.ts';

/** Room for the page of a busy app, ten times over; a larger one would not fit into the memory. */
export const MAX_BODY_BYTES = 4 * 2 ** 20;

/** Without a byte for this long, a body that is enough is not waited for any longer. */
const QUIET_MS = 100;

/** Without a byte for this long, a body without a declared end is taken as whole. */
const SILENT_MS = 500;

/** How long and how much of a body that is not used is still read, so that the app can finish it. */
const DRAIN_MS = 1_000;
const DRAIN_BYTES = 1024 * 1024;

/** How a request uses the body of its response. */
export interface BodyUse {
  /** Whether the body of a response with this status is used. */
  readonly isUsed: (status: number) => boolean;
  readonly maxBytes: number;
  /** The longest wait after the headers; undefined: the time that is left. */
  readonly waitMs?: number;
  /** Whether the body need not go on. */
  readonly isEnough?: (text: string) => boolean;
}

/**
 * What has arrived of a body, as text, and how it ended. `open`: it has no declared end, the app sends
 * no more, and the connection is still open. `cut`: a part is missing. `long`: it is longer than the
 * limit. `unused`: it was not read.
 */
export interface ResponseBody {
  readonly body: string;
  readonly bodyEnd: 'whole' | 'open' | 'cut' | 'long' | 'unused';
}

export const UNUSED_BODY: ResponseBody = { body: '', bodyEnd: 'unused' };

/** Reads a body until it ends, is enough, or is cut by `finish`. Never rejects. */
export function readBody(
  incoming: http.IncomingMessage,
  { maxBytes, waitMs, isEnough }: BodyUse,
): { readonly body: Promise<ResponseBody>; readonly finish: () => void } {
  const { promise, resolve } = Promise.withResolvers<ResponseBody['bodyEnd']>();
  const chunks: Buffer[] = [];
  let size = 0;
  let lastMs = performance.now();
  const finish = () => {
    const isSilent = performance.now() - lastMs >= SILENT_MS;
    resolve(hasDeclaredEnd(incoming) || !isSilent ? 'cut' : 'open');
  };
  const cancelDeadline = waitMs === undefined ? () => {} : setTimeoutAfterReads(finish, waitMs);
  const quiet = setTimeout(() => {
    if (size > 0 && isEnough?.(Buffer.concat(chunks).toString('utf8'))) finish();
  }, QUIET_MS);
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    lastMs = performance.now();
    quiet.refresh();
    if (size > maxBytes) resolve('long');
  });
  incoming.on('end', () => resolve('whole'));
  incoming.on('error', () => resolve('cut'));
  incoming.on('close', () => resolve('cut'));
  const body = promise.then((bodyEnd) => {
    cancelDeadline();
    clearTimeout(quiet);
    if (bodyEnd !== 'whole') incoming.destroy();
    return decode(Buffer.concat(chunks), incoming.headers, { bodyEnd, maxBytes });
  });
  return { body, finish };
}

function hasDeclaredEnd({ headers }: http.IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] === 'chunked';
}

/** Reads the rest for a moment: a reset in the middle of its answer may be an error for the app. */
export function drain(incoming: http.IncomingMessage): void {
  let size = 0;
  const timer = setTimeout(() => incoming.destroy(), DRAIN_MS).unref();
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > DRAIN_BYTES) incoming.destroy();
  });
  incoming.on('error', () => {});
  incoming.on('close', () => clearTimeout(timer));
}

interface Received {
  readonly bodyEnd: ResponseBody['bodyEnd'];
  readonly maxBytes: number;
}

/** Unpacks gzip as far as it has arrived. Some apps send it although no request asks for it. */
async function decode(
  bytes: Buffer,
  headers: http.IncomingHttpHeaders,
  { bodyEnd, maxBytes }: Received,
): Promise<ResponseBody> {
  const textOf = (content: Buffer) => content.subarray(0, maxBytes).toString('utf8');
  if (!/^(?:x-)?gzip$/i.test(headers['content-encoding']?.trim() ?? ''))
    return { body: textOf(bytes), bodyEnd };
  const { constants, gunzip } = await import('node:zlib');
  const options = { maxOutputLength: maxBytes, finishFlush: constants.Z_SYNC_FLUSH };
  try {
    return { body: textOf(await promisify(gunzip)(bytes, options)), bodyEnd };
  } catch (error) {
    const isLong =
      error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { body: '', bodyEnd: isLong ? 'long' : 'cut' };
  }
}

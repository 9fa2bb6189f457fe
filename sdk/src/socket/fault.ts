import type { Stats } from 'node:fs';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';

/** The sidecar is away, or does not answer as the protocol says. The message says what to check. */
export class SidecarFault extends Error {
  /** The HTTP status of an answer that is not one of success. */
  readonly status: number | undefined;

  constructor(
    message: string,
    details: { readonly status?: number; readonly cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'SidecarFault';
    this.status = details.status;
  }
}

/**
 * The status with which the sidecar refuses a request: it cannot read the next time what it cannot read now.
 * Undefined: it may take it then.
 */
export function refusalOf(error: unknown): number | undefined {
  const status = error instanceof SidecarFault ? error.status : undefined;
  return status !== undefined && status < 500 ? status : undefined;
}

/** What to check, by the code of a system error. */
const HINTS: Readonly<Record<string, string>> = {
  ENOENT:
    'does not exist: check that the sidecar runs, that a bundle has a target `subscribers`, and that the volume of `runDir` is mounted into this container; without a sidecar, set the option `directory` or LASTGOOD_DIR',
  ENOTDIR: 'is below a file: name the socket, which is sdk.sock in runDir',
  EACCES:
    'may not be opened by this process: give both containers the group of the socket, by fsGroup or socketGroup, or set socketMode',
  ECONNREFUSED: 'has no listener: the sidecar is not running',
  ECONNRESET: 'ended the connection: the sidecar has stopped, or is too busy',
  EPIPE: 'ended the connection: the sidecar has stopped, or is too busy',
  EAGAIN: 'has too many connections that wait: the sidecar is too busy',
};

/** What a failed request tells about the socket. Never rejects. */
export async function explainFault(
  socket: string,
  error: unknown,
): Promise<SidecarFault | LastgoodError> {
  if (error instanceof SidecarFault || error instanceof LastgoodError) return error;
  return new SidecarFault(`${socket} ${await reasonFor(socket, error)}`, { cause: error });
}

async function reasonFor(socket: string, error: unknown): Promise<string> {
  const code = reasonOf(error);
  if (code.startsWith('HPE_')) return `does not answer with HTTP (${code}): it is not lastgood's`;
  // Linux refuses a connection to any file that is not a socket. Source: connect(2), unix(7).
  const found = code === 'ECONNREFUSED' ? await find(socket) : undefined;
  if (found?.isSocket() === false) return 'is not a socket: name the socket, sdk.sock in runDir';
  return HINTS[code] ?? `cannot be used: ${code}`;
}

async function find(path: string): Promise<Stats | undefined> {
  // Not before it is needed: it loads what reads lines.
  const { stat } = await import('node:fs/promises');
  return stat(path).catch(() => undefined);
}

import { LastgoodError } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { ErrorBody } from '@lastgood/core/model/sdk-protocol.ts';

/** A request that gets a response with this status and code. */
export class Problem extends LastgoodError {
  readonly status: number;

  constructor(status: number, code: ErrorCode, ...args: readonly unknown[]) {
    super(code, args);
    this.status = status;
  }
}

export function badRequest(reason: string, status = 400): Problem {
  return new Problem(status, 'LG_SDK_REQUEST', reason);
}

export function notFound(what: string): Problem {
  return new Problem(404, 'LG_SDK_NOT_FOUND', what);
}

/** What fastify and Node throw before a request gets to its route: by code, the status and the reason. */
const REFUSED: Readonly<Record<string, readonly [status: number, reason: string]>> = {
  FST_ERR_BAD_URL: [400, 'its path is not percent-encoded UTF-8'],
  ECONNRESET: [400, 'it ended too soon'],
  HPE_HEADER_OVERFLOW: [431, 'its headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'it took too long to arrive'],
};

/** Any error as a problem. An unexpected one may quote anything, so a client does not get its message (P8). */
export function problemFrom(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const refused = REFUSED[code];
  if (refused !== undefined) return badRequest(refused[1], refused[0]);
  if (code.startsWith('HPE_')) return badRequest('it is not HTTP/1.1');
  return new Problem(500, 'LG_INTERNAL', 'the log of lastgood has the reason');
}

export function bodyOf({ code, message, hint }: LastgoodError): string {
  return toLine({ code, message, hint } satisfies ErrorBody);
}

/** JSON that ends its line, for terminals. */
export function toLine(body: object): string {
  return `${JSON.stringify(body)}\n`;
}

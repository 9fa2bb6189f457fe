import { MAX_BODY_BYTES, type ResponseBody } from '../../io/http/body.ts';
import { matchesStatus, type StatusMatch } from '../../io/http/options.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import type { HttpClient } from '../../io/http/request.ts';
import type { RequestSettings } from '../../settings/settings.ts';
import type { Observation } from './probe.ts';

/** For one request. */
const TIMEOUT_MS = 2_000;

/** The body at a URL as far as it has arrived, or why there is none. */
export type HttpResult =
  | (ResponseBody & { readonly type: 'page' })
  | (Exclude<Observation, { readonly type: 'good' }> & {
      /** The app is there, but the content of the page is unknown. */
      readonly isUnreadable?: true;
    });

export interface PageOptions {
  readonly client: HttpClient;
  readonly success: readonly StatusMatch[];
  readonly signal?: AbortSignal | undefined;
  /** Whether the body is read. Without it, the status counts with its headers. */
  readonly usesBody: boolean;
  /** Whether the proof needs no more of a body that may go on. */
  readonly isEnough?: (text: string) => boolean;
}

/** Sends one request. Never rejects. */
export async function fetchPage(
  request: RequestSettings,
  { client, success, signal, usesBody, isEnough }: PageOptions,
): Promise<HttpResult> {
  const shown = redactUrl(request.url);
  const isUsed = (status: number) => usesBody && matchesStatus(success, status);
  const response = await client.request({
    ...request,
    method: 'GET',
    timeoutMs: TIMEOUT_MS,
    signal,
    bodyUse: { isUsed, maxBytes: MAX_BODY_BYTES, ...(isEnough && { isEnough }) },
  });
  if (response.type !== 'answer') {
    const reason = `${shown}: ${response.reason}`;
    return response.type === 'absent'
      ? { type: 'absent', reason }
      : { type: 'bad', reason, isUnreadable: true };
  }
  const { status, body, bodyEnd } = response;
  if (!matchesStatus(success, status))
    return { type: 'bad', reason: `${shown} answers status ${status}` };
  if (bodyEnd !== 'long') return { type: 'page', body, bodyEnd };
  const reason = `${shown} answers more than ${MAX_BODY_BYTES / 2 ** 20} MiB`;
  return { type: 'bad', reason, isUnreadable: true };
}

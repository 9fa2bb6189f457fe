import { matchesStatus, type StatusMatch } from '../../io/http/options.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import type { HttpClient } from '../../io/http/request.ts';
import type { RequestSettings } from '../../settings/settings.ts';
import type { Observation } from './probe.ts';

/** For one request. */
const TIMEOUT_MS = 2_000;

/** The body at a URL, or why there is none. */
export type HttpResult =
  | { readonly type: 'page'; readonly body: string }
  | (Exclude<Observation, { readonly type: 'good' }> & {
      /** The app is there, but the content of the page is unknown. */
      readonly isUnreadable?: true;
    });

export interface PageOptions {
  readonly client: HttpClient;
  readonly success: readonly StatusMatch[];
  readonly signal?: AbortSignal | undefined;
  /** The rest of a longer body is not read. */
  readonly maxBodyBytes?: number;
}

/** Sends one request. Never rejects. */
export async function fetchPage(
  request: RequestSettings,
  { client, success, signal, maxBodyBytes }: PageOptions,
): Promise<HttpResult> {
  const shown = redactUrl(request.url);
  const response = await client.request({
    ...request,
    method: 'GET',
    isIdempotent: true,
    timeoutMs: TIMEOUT_MS,
    signal,
    maxBodyBytes,
  });
  if (response.type !== 'answer') {
    const reason = `${shown}: ${response.reason}`;
    return response.type === 'absent'
      ? { type: 'absent', reason }
      : { type: 'bad', reason, isUnreadable: true };
  }
  const { status, body } = response;
  if (matchesStatus(success, status)) return { type: 'page', body };
  return { type: 'bad', reason: `${shown} answers status ${status}` };
}

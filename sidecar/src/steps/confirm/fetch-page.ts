import { redactUrl } from '../../io/http/redact-url.ts';
import { type HttpClient, matchesStatus } from '../../io/http/request.ts';
import type { RequestSettings, StatusMatch } from '../../settings/settings.ts';
import type { Look } from './probe.ts';

/** No look waits longer for its answer. */
const TIMEOUT_MS = 2_000;

/** What the app shows at a URL, or what a look says when it shows nothing that is good. */
export type HttpResult =
  | { readonly type: 'page'; readonly body: string }
  | (Exclude<Look, { readonly type: 'good' }> & {
      /** Somebody is there, and what the page holds is not known. */
      readonly isUnread?: true;
    });

export interface PageOptions {
  readonly client: HttpClient;
  readonly success: readonly StatusMatch[];
  readonly signal?: AbortSignal | undefined;
  /** More is not read. */
  readonly maxBodyBytes?: number;
}

/** Asks once. Never rejects. */
export async function fetchPage(
  { url, headers, followRedirects, auth, tls }: RequestSettings,
  { client, success, signal, maxBodyBytes }: PageOptions,
): Promise<HttpResult> {
  const shown = redactUrl(url);
  const response = await client.request({
    url,
    headers,
    followRedirects,
    auth,
    tls,
    method: 'GET',
    isLook: true,
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  });
  if (response.type !== 'answer') {
    const reason = `${shown}: ${response.reason}`;
    return response.type === 'absent'
      ? { type: 'absent', reason }
      : { type: 'bad', reason, isUnread: true };
  }
  const { status, body } = response;
  if (matchesStatus(success, status)) return { type: 'page', body };
  return { type: 'bad', reason: `${shown} answers status ${status}` };
}

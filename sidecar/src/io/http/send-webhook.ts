import type { HookSettings } from '../../settings/settings.ts';
import { type HttpClient, matchesStatus, type RequestOptions } from './request.ts';

/** A reason longer than this is cut: it is for a log line and a status page. */
const MAX_REASON_LENGTH = 300;

/** What every event of lastgood's has. Source: docs/protocol.md. */
interface WebhookEvent {
  readonly bundle: string;
  readonly version: string;
  readonly rollout: string;
}

/** The four answers; `reason` is why, where it is not a yes. */
export interface WebhookResult {
  readonly answer: 'accepted' | 'refused' | 'fault' | 'absent';
  readonly reason: string;
  /** The HTTP status, where there was an answer at all. */
  readonly status?: number;
  /** Of a fault: the header `Retry-After` as it stands. */
  readonly retryAfter?: string;
}

export interface SendWebhookOptions {
  readonly client: HttpClient;
  /** The bundle holds secrets: the app's own words might quote one, so they are not passed on. */
  readonly sealed: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Sends an event, and tells the four answers apart: the app says yes, the app says no, the way is
 * broken, nobody is there. Never rejects.
 */
export async function sendWebhook(
  settings: HookSettings,
  event: WebhookEvent,
  { client, sealed, signal }: SendWebhookOptions,
): Promise<WebhookResult> {
  const { success, refused } = settings;
  const response = await client.request(requestOf(settings, event, signal));
  if (response.type !== 'answer') return { answer: response.type, reason: response.reason };
  const { status, body, headers } = response;
  if (matchesStatus(success, status)) return { answer: 'accepted', reason: '', status };
  if (matchesStatus(refused, status)) {
    const said = sealed ? undefined : await reasonIn(body, settings);
    return { answer: 'refused', reason: said ?? `status ${status}`, status };
  }
  const after = headers['retry-after'];
  const more = after === undefined ? {} : { retryAfter: after };
  return { answer: 'fault', reason: `status ${status}`, status, ...more };
}

function requestOf(
  { url, method, body, headers, timeoutMs, ...manner }: HookSettings,
  event: WebhookEvent,
  signal: AbortSignal | undefined,
): RequestOptions {
  const sent = method === 'GET' || body === 'none' ? undefined : body;
  const text = sent === 'event' ? JSON.stringify(event) : sent?.text;
  const type = sent === 'event' ? 'application/json' : 'text/plain; charset=utf-8';
  return {
    url,
    method,
    timeoutMs,
    headers: {
      ...(text === undefined ? {} : { 'content-type': type }),
      'lastgood-bundle': event.bundle,
      'lastgood-version': event.version,
      'lastgood-rollout': event.rollout,
      ...headers,
    },
    followRedirects: manner.followRedirects,
    auth: manner.auth,
    tls: manner.tls,
    ...(text === undefined ? {} : { body: text }),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** `{"reason":"…"}`, or short plain text; on one line, and without what the request held secret. */
async function reasonIn(body: string, settings: HookSettings): Promise<string | undefined> {
  const said = (jsonReason(body) ?? (body.length <= MAX_REASON_LENGTH ? body : ''))
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  if (said === '' || said.startsWith('<')) return undefined;
  const { redactCredentials } = await import('./redact-credentials.ts');
  const text = await redactCredentials(said, settings);
  return text.length > MAX_REASON_LENGTH ? `${text.slice(0, MAX_REASON_LENGTH)}…` : text;
}

function jsonReason(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === 'object' && value !== null;
    return isObject && 'reason' in value && typeof value.reason === 'string'
      ? value.reason
      : undefined;
  } catch {
    return undefined;
  }
}

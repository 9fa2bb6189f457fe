import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import type { Response } from '../exchange.ts';
import {
  type HeaderValue,
  matchesStatus,
  type RequestOptions,
  type StatusMatch,
} from '../options.ts';
import type { HttpClient } from '../request.ts';

/** Longer reasons are cut: they are for a log line and a status page. */
const MAX_REASON_LENGTH = 300;

/** Enough of a body to find a reason in it. */
const MAX_BODY_BYTES = 64 * 1024;

/** A refusal counts with its headers; its reason is only words, and often comes with them. */
const REASON_WAIT_MS = 1_000;

/** The longest wait, whatever the app asks for. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

/** A request that sends an event to the app. */
export interface WebhookRequest
  extends Required<Pick<RequestOptions, 'url' | 'followRedirects' | 'auth' | 'tls' | 'timeoutMs'>> {
  readonly method: 'POST' | 'PUT' | 'GET' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** The event as JSON, nothing, or a fixed text. */
  readonly body: 'event' | 'none' | { readonly text: string };
  readonly success: readonly StatusMatch[];
  readonly refused: readonly StatusMatch[];
}

type Answer = Extract<Response, { readonly type: 'answer' }>;

/** What every event has. */
type WebhookEvent = Pick<ReloadEvent, 'bundle' | 'version' | 'rollout'>;

export interface WebhookResult {
  readonly answer: 'accepted' | 'refused' | 'fault' | 'absent';
  /** Empty if the answer is `accepted`. */
  readonly reason: string;
  /** The HTTP status, if there was a response. */
  readonly status?: number;
  /** The wait that the app asks for after a fault. */
  readonly retryAfterMs?: number;
}

export interface SendWebhookOptions {
  readonly client: HttpClient;
  readonly clock: Pick<Clock, 'wallMs'>;
  /** The bundle holds secrets. The app's own words are then dropped, as they might quote one. */
  readonly sealed: boolean;
  readonly signal?: AbortSignal;
}

/** Sends an event and classifies the response. Never rejects. */
export async function sendWebhook(
  request: WebhookRequest,
  event: WebhookEvent,
  { client, clock, sealed, signal }: SendWebhookOptions,
): Promise<WebhookResult> {
  const isRefusal = (status: number) =>
    matchesStatus(request.refused, status) && !matchesStatus(request.success, status);
  const bodyUse = {
    isUsed: (status: number) => isRefusal(status) && !sealed,
    maxBytes: MAX_BODY_BYTES,
    waitMs: REASON_WAIT_MS,
    isEnough: (text: string) => jsonReason(text) !== undefined,
  };
  const response = await client.request({ ...requestFor(request, event), bodyUse, signal });
  if (response.type !== 'answer') return { answer: response.type, reason: response.reason };
  const { status, headers } = response;
  if (matchesStatus(request.success, status)) return { answer: 'accepted', reason: '', status };
  if (isRefusal(status)) {
    const reason = sealed ? undefined : await readReason(response, request);
    return { answer: 'refused', reason: reason ?? `status ${status}`, status };
  }
  const afterMs = retryAfterMs(headers['retry-after'], clock.wallMs());
  const more = afterMs === undefined ? {} : { retryAfterMs: afterMs };
  return { answer: 'fault', reason: `status ${status}`, status, ...more };
}

function requestFor(request: WebhookRequest, event: WebhookEvent): RequestOptions {
  const { method, body, headers } = request;
  const sent = method === 'GET' || body === 'none' ? undefined : body;
  const text = sent === 'event' ? JSON.stringify(event) : sent?.text;
  const type = sent === 'event' ? 'application/json' : 'text/plain; charset=utf-8';
  return {
    ...request,
    headers: {
      ...(text === undefined ? {} : { 'content-type': type }),
      'lastgood-bundle': event.bundle,
      'lastgood-version': event.version,
      'lastgood-rollout': event.rollout,
      ...headers,
    },
    body: text,
    isBodyPrivate: sent !== 'event',
  };
}

/** `{"reason":"…"}`, or short plain text; on one line, and without the credentials of the request. */
async function readReason(
  { status, body, bodyEnd }: Answer,
  request: WebhookRequest,
): Promise<string | undefined> {
  if (bodyEnd === 'long')
    return `status ${status}, with a body of more than ${MAX_BODY_BYTES / 1024} KiB`;
  const line = (jsonReason(body) ?? (body.length <= MAX_REASON_LENGTH ? body : ''))
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  if (line === '' || line.startsWith('<')) return undefined;
  const { redactCredentials } = await import('./redact-credentials.ts');
  return truncate(await redactCredentials(line, request), MAX_REASON_LENGTH);
}

function jsonReason(body: string): string | undefined {
  try {
    const value: { readonly reason?: unknown } | null = JSON.parse(body);
    return typeof value?.reason === 'string' ? value.reason : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The wait that an app asks for by `Retry-After`: a number of seconds, or a date. At most 15 minutes;
 * undefined for anything else, or for a date in the past. Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : dateOf(text) - wallMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

/** All three date formats of HTTP are in GMT, and the oldest does not say so. */
function dateOf(text: string): number {
  if (!/^[A-Z][a-z]{2}/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}

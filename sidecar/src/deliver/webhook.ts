import type { ReloadEvent } from '@lastgood/sdk';
import { findingOf } from '../errors.ts';
import { type HttpClient, matchesStatus, type Response } from '../http/request.ts';
import type { WebhookSettings } from '../settings/settings.ts';
import { shownUrl } from '../settings/shown-url.ts';
import type { Delivery, Target } from './target.ts';

/** A reason longer than this is cut: it is for a log line and a status page. */
const MAX_REASON_LENGTH = 300;

export interface WebhookOptions {
  readonly settings: WebhookSettings;
  readonly client: HttpClient;
  /** The bundle holds secrets: the app's own words might quote one, so they are not passed on. */
  readonly sealed: boolean;
}

/** Tells the app by an HTTP request. Source: docs/protocol.md. */
export function createWebhook({ settings, client, sealed }: WebhookOptions): Target {
  const name = `webhook ${shownUrl(settings.url)}`;
  return {
    name,
    deliver: async (event) => {
      const response = await client.request({
        url: settings.url,
        method: settings.method,
        timeoutMs: settings.timeoutMs,
        headers: headersOf(event),
        ...(settings.method === 'GET' ? {} : { body: JSON.stringify(event) }),
      });
      return deliveryOf(response, settings, name, sealed);
    },
  };
}

function headersOf(event: ReloadEvent): Record<string, string> {
  return {
    'content-type': 'application/json',
    'lastgood-bundle': event.bundle,
    'lastgood-version': event.version,
    'lastgood-rollout': event.rollout,
  };
}

/** Tells the four answers apart: the app says yes, the app says no, the way is broken, nobody is there. */
function deliveryOf(
  response: Response,
  settings: WebhookSettings,
  name: string,
  sealed: boolean,
): Delivery {
  if (response.type !== 'answer') {
    const code = response.type === 'absent' ? 'LG_DELIVER_ABSENT' : 'LG_DELIVER_FAULT';
    return { answer: response.type, findings: [findingOf(code, [name, response.reason])] };
  }
  const { status, body } = response;
  if (matchesStatus(settings.success, status)) return { answer: 'accepted', findings: [] };
  const reason = sealed ? `status ${status}` : (reasonIn(body) ?? `status ${status}`);
  if (matchesStatus(settings.refused, status))
    return { answer: 'refused', findings: [findingOf('LG_DELIVER_REFUSED', [name, reason])] };
  return { answer: 'fault', findings: [findingOf('LG_DELIVER_FAULT', [name, `status ${status}`])] };
}

/** `{"reason":"…"}`, or short plain text; on one line. */
function reasonIn(body: string): string | undefined {
  const text = (jsonReason(body) ?? (body.length <= MAX_REASON_LENGTH ? body : ''))
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  if (text === '' || text.startsWith('<')) return undefined;
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

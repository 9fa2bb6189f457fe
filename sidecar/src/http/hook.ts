import type { StatusMatch } from '../settings/settings.ts';
import { type HttpClient, matchesStatus } from './request.ts';

/** A reason longer than this is cut: it is for a log line and a status page. */
const MAX_REASON_LENGTH = 300;

/** Where an app is asked or told something. */
export interface Hook {
  readonly url: string;
  readonly method: string;
  readonly timeoutMs: number;
  /** Mean yes. */
  readonly success: readonly StatusMatch[];
  /** Mean that the app read it and says no. */
  readonly refused: readonly StatusMatch[];
}

/** What every event of lastgood's has. Source: docs/protocol.md. */
interface HookEvent {
  readonly bundle: string;
  readonly version: string;
  readonly rollout: string;
}

/** The four answers; `reason` is why, where it is not a yes. */
export interface HookAnswer {
  readonly answer: 'accepted' | 'refused' | 'fault' | 'absent';
  readonly reason: string;
}

export interface HookOptions {
  readonly client: HttpClient;
  /** The bundle holds secrets: the app's own words might quote one, so they are not passed on. */
  readonly sealed: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Sends an event, and tells the four answers apart: the app says yes, the app says no, the way is
 * broken, nobody is there. Never rejects.
 */
export async function callHook(
  { url, method, timeoutMs, success, refused }: Hook,
  event: HookEvent,
  { client, sealed, signal }: HookOptions,
): Promise<HookAnswer> {
  const response = await client.request({
    url,
    method,
    timeoutMs,
    headers: headersOf(event),
    ...(method === 'GET' ? {} : { body: JSON.stringify(event) }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (response.type !== 'answer') return { answer: response.type, reason: response.reason };
  const { status, body } = response;
  if (matchesStatus(success, status)) return { answer: 'accepted', reason: '' };
  const isRefusal = matchesStatus(refused, status);
  const said = isRefusal && !sealed ? reasonIn(body) : undefined;
  return { answer: isRefusal ? 'refused' : 'fault', reason: said ?? `status ${status}` };
}

function headersOf({ bundle, version, rollout }: HookEvent): Record<string, string> {
  return {
    'content-type': 'application/json',
    'lastgood-bundle': bundle,
    'lastgood-version': version,
    'lastgood-rollout': rollout,
  };
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

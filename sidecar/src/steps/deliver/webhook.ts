import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { shownUrl } from '../../io/http/redact-url.ts';
import { retryAfterMs } from '../../io/http/retry-after.ts';
import { callHook, type HookAnswer, type HookOptions } from '../../io/http/send-webhook.ts';
import type { WebhookSettings } from '../../settings/settings.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import type { Delivery, Target } from './target.ts';

export interface WebhookOptions extends HookOptions {
  readonly clock: Clock;
  readonly settings: WebhookSettings;
}

const CODES: Readonly<Record<Exclude<HookAnswer['answer'], 'accepted'>, ErrorCode>> = {
  refused: 'LG_DELIVER_REFUSED',
  fault: 'LG_DELIVER_FAULT',
  absent: 'LG_DELIVER_ABSENT',
};

/** Tells the app by an HTTP request. Source: docs/protocol.md. */
export function createWebhook({ settings, ...options }: WebhookOptions): Target {
  const { client, clock } = options;
  const { url, timeoutMs } = settings;
  const name = `webhook ${shownUrl(url)}`;
  const deadline = createDeadline(settings, clock);
  const deliver = async (event: ReloadEvent): Promise<Delivery> => {
    const leftMs = deadline.leftMs(event);
    if (leftMs <= 0) return lateDelivery(name);
    const due = Math.max(1, Math.ceil(Math.min(timeoutMs, leftMs)));
    const startedMs = clock.nowMs();
    const answer = await callHook({ ...settings, timeoutMs: due }, event, options);
    if (answer.answer !== 'absent') deadline.start(event, startedMs);
    return deliveryOf(answer, event, { name, clock, deadline });
  };
  const target: Target = { kind: 'webhook', name, deliver };
  if (client.isProxied(url)) return target;
  const appears = async (signal: AbortSignal) => {
    const { appearance, placeOf } = await import('./wait-until-reachable.ts');
    await appearance(placeOf(url), clock, signal);
  };
  return { ...target, appears };
}

interface Circumstances {
  readonly name: string;
  readonly clock: Clock;
  readonly deadline: Deadline;
}

function deliveryOf(
  { answer, reason, status, retryAfter }: HookAnswer,
  event: ReloadEvent,
  { name, clock, deadline }: Circumstances,
): Delivery {
  const known = status === undefined ? {} : { status };
  if (answer === 'accepted') return { answer, findings: [], ...known };
  const delivery = { answer, findings: [findingOf(CODES[answer], [name, reason])], ...known };
  if (answer !== 'fault') return delivery;
  const afterMs = retryAfter && retryAfterMs(retryAfter, clock.wallMs());
  const isOver = !deadline.hasTimeFor(event, afterMs || 0);
  return {
    ...delivery,
    ...(afterMs ? { retryAfterMs: afterMs } : {}),
    ...(isOver ? { final: true } : {}),
  };
}

/** The wait before this try took what was left. */
function lateDelivery(name: string): Delivery {
  const reason = 'its deadline for all tries together is over';
  return {
    answer: 'fault',
    findings: [findingOf('LG_DELIVER_FAULT', [name, reason])],
    final: true,
  };
}

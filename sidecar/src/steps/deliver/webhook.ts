import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import { retryAfterMs } from '../../io/http/retry-after.ts';
import {
  type SendWebhookOptions,
  sendWebhook,
  type WebhookResult,
} from '../../io/http/send-webhook.ts';
import type { WebhookSettings } from '../../settings/settings.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import type { Delivery, Target } from './target.ts';

export interface WebhookOptions extends SendWebhookOptions {
  readonly clock: Clock;
  readonly settings: WebhookSettings;
}

const CODES: Readonly<Record<Exclude<WebhookResult['answer'], 'accepted'>, ErrorCode>> = {
  refused: 'LG_DELIVER_REFUSED',
  fault: 'LG_DELIVER_FAULT',
  absent: 'LG_DELIVER_ABSENT',
};

/** Tells the app by an HTTP request. Source: docs/protocol.md. */
export function createWebhook({ settings, ...options }: WebhookOptions): Target {
  const { client, clock } = options;
  const { url, timeoutMs } = settings;
  const name = `webhook ${redactUrl(url)}`;
  const deadline = createDeadline(settings, clock);
  const deliver = async (event: ReloadEvent): Promise<Delivery> => {
    const leftMs = deadline.leftMs(event);
    if (leftMs <= 0) return lateDelivery(name);
    const due = Math.max(1, Math.ceil(Math.min(timeoutMs, leftMs)));
    const startedMs = clock.nowMs();
    const answer = await sendWebhook({ ...settings, timeoutMs: due }, event, options);
    if (answer.answer !== 'absent') deadline.start(event, startedMs);
    return deliveryOf(answer, event, { name, clock, deadline });
  };
  const target: Target = { kind: 'webhook', name, deliver };
  if (client.isProxied(url)) return target;
  const waitUntilReachable = async (signal: AbortSignal) => {
    const { waitUntilReachable, endpointOf } = await import('./wait-until-reachable.ts');
    await waitUntilReachable(endpointOf(url), clock, signal);
  };
  return { ...target, waitUntilReachable };
}

interface Circumstances {
  readonly name: string;
  readonly clock: Clock;
  readonly deadline: Deadline;
}

function deliveryOf(
  { answer, reason, status, retryAfter }: WebhookResult,
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

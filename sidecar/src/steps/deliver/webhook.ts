import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import { retryAfterMs } from '../../io/http/webhook/retry-after.ts';
import { sendWebhook } from '../../io/http/webhook/send-webhook.ts';
import type { WebhookSettings } from '../../settings/settings.ts';
import { createDeadline } from './deadline.ts';
import { type Delivery, deliveryOf, type Target, type TargetOptions } from './target.ts';

/** Notifies the app by an HTTP request. Source: docs/protocol.md. */
export function createWebhook(
  settings: WebhookSettings,
  { client, clock, sealed }: Pick<TargetOptions, 'client' | 'clock' | 'sealed'>,
): Target {
  const name = `webhook ${redactUrl(settings.url)}`;
  const deadline = createDeadline(settings, clock);
  const deliver = async (event: ReloadEvent): Promise<Delivery> => {
    const leftMs = deadline.leftMs(event);
    // The wait before this attempt took the rest of the time.
    if (leftMs <= 0)
      return {
        ...deliveryOf(name, 'fault', 'the deadline for all attempts has passed'),
        final: true,
      };
    const timeoutMs = Math.max(1, Math.ceil(Math.min(settings.timeoutMs, leftMs)));
    const startedMs = clock.nowMs();
    const result = await sendWebhook({ ...settings, timeoutMs }, event, { client, sealed });
    const { answer, reason, status, retryAfter } = result;
    if (answer !== 'absent') deadline.start(event, startedMs);
    const known = status === undefined ? {} : { status };
    const delivery = { ...deliveryOf(name, answer, reason), ...known };
    if (answer !== 'fault') return delivery;
    const afterMs = retryAfterMs(retryAfter, clock.wallMs());
    return {
      ...delivery,
      ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
      ...(deadline.hasTimeFor(event, afterMs ?? 0) ? {} : { final: true }),
    };
  };
  return { kind: 'webhook', name, deliver };
}

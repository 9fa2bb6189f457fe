import { addJitter, backoff } from '@lastgood/core/model/backoff.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import { redactUrl } from '../../io/http/redact-url.ts';
import { sendWebhook } from '../../io/http/webhook/send-webhook.ts';
import type { WebhookSettings } from '../../settings/settings.ts';
import { type Delivery, deliveryOf, type Target, type TargetOptions } from './target.ts';

/** Notifies the app by an HTTP request. Source: docs/webhook-protocol.md. */
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
    const result = await sendWebhook({ ...settings, timeoutMs }, event, { client, clock, sealed });
    const { answer, reason, status, retryAfterMs } = result;
    if (answer !== 'absent') deadline.start(event, startedMs);
    const known = status === undefined ? {} : { status };
    const delivery = { ...deliveryOf(name, answer, reason), ...known };
    if (answer !== 'fault') return delivery;
    return {
      ...delivery,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(deadline.hasTimeFor(event, retryAfterMs ?? 0) ? {} : { final: true }),
    };
  };
  return { kind: 'webhook', name, deliver };
}

/**
 * The time that all attempts of a delivery share; deliveries never overlap. A rollback has no deadline:
 * it is tried until it works. After a restart of the sidecar the time starts again.
 */
function createDeadline({ deadlineMs = Infinity, retries }: WebhookSettings, clock: Clock) {
  /** `firstAttempt`: the first one that the app was there for. */
  let running: { delivery: string; sinceMs: number; firstAttempt: number } | undefined;
  const keyOf = ({ rollout, reason }: ReloadEvent) => `${rollout} ${reason}`;
  const runningFor = (event: ReloadEvent) =>
    running?.delivery === keyOf(event) ? running : undefined;
  /** What is left for an attempt; Infinity if there is no deadline. */
  const leftMs = (event: ReloadEvent) => {
    if (event.reason === 'rollback') return Infinity;
    const nowMs = clock.nowMs();
    return deadlineMs - (nowMs - (runningFor(event)?.sinceMs ?? nowMs));
  };
  return {
    leftMs,
    /** Starts the deadline, unless it runs: the app has answered an attempt that began at this time. */
    start: (event: ReloadEvent, startedMs: number) => {
      const { attempt: firstAttempt } = event;
      running = runningFor(event) ?? { delivery: keyOf(event), sinceMs: startedMs, firstAttempt };
    },
    /** Whether another attempt can follow a failed one, after a wait of at least this. */
    hasTimeFor: (event: ReloadEvent, waitMs: number) => {
      // The attempts at which the app was absent do not make the waits longer.
      const failures = event.attempt - (runningFor(event)?.firstAttempt ?? event.attempt) + 1;
      // The wait that the app asked for is never shortened.
      return leftMs(event) > Math.max(addJitter(backoff(failures, retries), 0), waitMs);
    },
  };
}

import { addJitter, backoff } from '@lastgood/core/model/backoff.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { WebhookSettings } from '../../settings/settings.ts';

type DeadlineSettings = Pick<WebhookSettings, 'deadlineMs' | 'retries'>;

type Told = Pick<ReloadEvent, 'rollout' | 'reason' | 'attempt'>;

/** The time that all tries of one delivery have together. */
export interface Deadline {
  /** What is left of it for a try; Infinity where none is set or it has not started. */
  leftMs(told: Told): number;
  /** Somebody has answered a try that began at this time: from then on it runs, if it does not yet. */
  start(told: Told, startedMs: number): void;
  /** Whether a try that has failed now can be followed by another, after a wait of at least this. */
  hasTimeFor(told: Told, waitMs: number): boolean;
}

/**
 * Keeps the deadline of the delivery that is under way; they never overlap. The way back has none: it
 * is tried until it works. After a restart of the sidecar the time begins anew.
 */
export function createDeadline(
  { deadlineMs = Number.POSITIVE_INFINITY, retries }: DeadlineSettings,
  clock: Clock,
): Deadline {
  let running: { readonly delivery: string; readonly sinceMs: number } | undefined;
  const deliveryOf = ({ rollout, reason }: Told) => `${rollout} ${reason}`;
  const leftMs = (told: Told) => {
    if (told.reason === 'rollback') return Number.POSITIVE_INFINITY;
    const sinceMs = running?.delivery === deliveryOf(told) ? running.sinceMs : clock.nowMs();
    return deadlineMs - (clock.nowMs() - sinceMs);
  };
  return {
    leftMs,
    start: (told, startedMs) => {
      const delivery = deliveryOf(told);
      if (running?.delivery !== delivery) running = { delivery, sinceMs: startedMs };
    },
    hasTimeFor: (told, waitMs) => {
      // The wait that the app has asked for is never cut short.
      return leftMs(told) > Math.max(addJitter(backoff(told.attempt, retries), 0), waitMs);
    },
  };
}

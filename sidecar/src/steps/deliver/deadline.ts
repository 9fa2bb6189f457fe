import { addJitter, backoff } from '@lastgood/core/model/backoff.ts';
import type { Clock } from '@lastgood/core/model/clock.ts';
import type { ReloadEvent } from '@lastgood/core/model/reload-event.ts';
import type { WebhookSettings } from '../../settings/settings.ts';

type DeadlineSettings = Pick<WebhookSettings, 'deadlineMs' | 'retries'>;

type Attempt = Pick<ReloadEvent, 'rollout' | 'reason' | 'attempt'>;

/** The time that all attempts of a delivery share. */
export interface Deadline {
  /** What is left for an attempt; Infinity if there is no deadline or it has not started. */
  leftMs(attempt: Attempt): number;
  /** Starts the deadline, unless it runs: the app has answered an attempt that began at this time. */
  start(attempt: Attempt, startedMs: number): void;
  /** Whether another attempt can follow a failed one, after a wait of at least this. */
  hasTimeFor(attempt: Attempt, waitMs: number): boolean;
}

/** The delivery whose time runs. */
interface Running {
  readonly delivery: string;
  readonly sinceMs: number;
  /** The attempt that the app was first there for. */
  readonly first: number;
}

/**
 * Keeps the deadline of the current delivery; deliveries never overlap. A rollback has none: it is
 * tried until it works. After a restart of the sidecar the time starts again.
 */
export function createDeadline(
  { deadlineMs = Number.POSITIVE_INFINITY, retries }: DeadlineSettings,
  clock: Clock,
): Deadline {
  let running: Running | undefined;
  const keyOf = ({ rollout, reason }: Attempt) => `${rollout} ${reason}`;
  const leftMs = (attempt: Attempt) => {
    if (attempt.reason === 'rollback') return Number.POSITIVE_INFINITY;
    const sinceMs = running?.delivery === keyOf(attempt) ? running.sinceMs : clock.nowMs();
    return deadlineMs - (clock.nowMs() - sinceMs);
  };
  return {
    leftMs,
    start: (attempt, startedMs) => {
      const delivery = keyOf(attempt);
      if (running?.delivery === delivery) return;
      running = { delivery, sinceMs: startedMs, first: attempt.attempt };
    },
    hasTimeFor: (attempt, waitMs) => {
      const { attempt: number } = attempt;
      // The attempts at which the app was absent do not make the waits longer.
      const first = running?.delivery === keyOf(attempt) ? running.first : number;
      const shortestMs = addJitter(backoff(number - first + 1, retries), 0);
      // The wait that the app asked for is never shortened.
      return leftMs(attempt) > Math.max(shortestMs, waitMs);
    },
  };
}

import { addJitter, backoff } from '@lastgood/core/model/backoff.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';

/** Longer waits would miss the time that a sidecar gives running apps to come back: 3 s. */
const BACKOFF = { backoffMs: 100, maxMs: 1_000 };

/** Waits after so many failures in a row. Rejects when `signal` aborts. */
export function waitAfter(failures: number, signal: AbortSignal): Promise<void> {
  const ms = addJitter(backoff(failures, BACKOFF), Math.random());
  return systemClock.sleep(ms, signal);
}

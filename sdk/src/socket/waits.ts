import { backoff } from '@lastgood/core/model/backoff.ts';
import { systemClock } from '@lastgood/core/model/clock.ts';
import { sleepWithJitter } from '@lastgood/core/model/retry-wait.ts';

/** Longer waits would miss the time that a sidecar gives running apps to come back: 3 s. */
const BACKOFF = { backoffMs: 100, maxMs: 1_000 };

const TIMING = { clock: systemClock, random: Math.random };

/** Waits after so many failures in a row. False if the signal ended it. */
export function waitAfter(failures: number, signal: AbortSignal): Promise<boolean> {
  return sleepWithJitter(TIMING, backoff(failures, BACKOFF), signal);
}

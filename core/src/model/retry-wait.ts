import { addJitter } from './backoff.ts';
import type { Clock } from './clock.ts';

/** The reason for every abort: the default one costs 0.1 ms, as it has a stack. */
export const CANCELLED = new Error('this phase is over');

export interface Timing {
  readonly clock: Clock;
  /** At least 0, and less than 1. */
  random(): number;
}

/** Sleeps for `ms` less some jitter, but at least `leastMs`. False if the signal ended it. */
export async function sleepWithJitter(
  { clock, random }: Timing,
  ms: number,
  signal: AbortSignal,
  leastMs = 0,
): Promise<boolean> {
  try {
    await clock.sleep(Math.max(addJitter(ms, random()), leastMs), signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

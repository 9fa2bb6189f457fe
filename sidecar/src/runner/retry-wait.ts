import { addJitter } from '@lastgood/core/model/backoff.ts';
import type { Ports } from './ports.ts';

/** The reason for every abort: the default one costs 0.1 ms, as it has a stack. */
export const CANCELLED = new Error('this phase is over');

export type Timing = Pick<Ports, 'clock' | 'random'>;

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

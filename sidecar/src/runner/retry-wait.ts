import { addJitter } from '@lastgood/core/model/backoff.ts';
import type { EffectOf } from '../rollout/state.ts';
import type { Target } from '../steps/deliver/target.ts';
import type { Ports } from './ports.ts';

/**
 * Minimum delay before a retry, so that a target that accepts connections but keeps answering `absent`
 * cannot cause a busy loop.
 */
const MIN_RETRY_MS = 250;

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

/**
 * Waits until the next attempt is due, or until the target that was absent seems to be reachable. False
 * if the signal ended the wait.
 */
export async function waitForRetry(
  { ms, leastMs }: Pick<EffectOf<'wait'>, 'ms' | 'leastMs'>,
  absent: Target | undefined,
  timing: Timing,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false;
  // The end of the wait also ends the probes of the target.
  const over = new AbortController();
  const end = () => over.abort(CANCELLED);
  signal.addEventListener('abort', end, { once: true });
  try {
    const due = sleepWithJitter(timing, ms, over.signal, leastMs);
    // If the probe itself fails, the wait still ends when it is due.
    const reachable = waitUntilReachable(absent, timing, over.signal).catch(() => due);
    return (await Promise.race([due, reachable])) && !signal.aborted;
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** True as soon as the target seems to be reachable; rejects if that cannot be found out. */
async function waitUntilReachable(
  target: Target | undefined,
  { clock }: Timing,
  signal: AbortSignal,
): Promise<boolean> {
  if (target?.waitUntilReachable === undefined) throw CANCELLED;
  await clock.sleep(MIN_RETRY_MS, signal);
  await target.waitUntilReachable(signal);
  return true;
}

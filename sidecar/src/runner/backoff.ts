import type { Target } from '../steps/deliver/target.ts';
import type { Ports } from './ports.ts';

/** No wait of our own is longer, but for those that the settings give. */
export const MAX_WAIT_MS = 30_000;

/**
 * However soon somebody seems to be there, the next try comes no sooner: one who is there and yet says
 * absent must not keep us busy.
 */
const MIN_RETRY_MS = 250;

/** Given to every abort: the error that it would make by itself, with its stack, takes 0.1 ms. */
export const CANCELLED = new Error('this phase is over');

/** What a wait is measured and spread with. */
export type Timing = Pick<Ports, 'clock' | 'random'>;

/**
 * Sleeps between half and all of `ms`, so that the pods of a fleet do not retry in step; but never less
 * than `leastMs`. False when the signal has ended it.
 */
export async function sleepWithJitter(
  { clock, random }: Timing,
  ms: number,
  signal: AbortSignal,
  leastMs = 0,
): Promise<boolean> {
  const spreadMs = ms * (0.5 + random() / 2);
  try {
    await clock.sleep(Math.max(spreadMs, leastMs), signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

export interface RetryWait {
  readonly ms: number;
  readonly leastMs?: number;
  /** Was absent: the wait ends as soon as it seems to be there. */
  readonly absent: Target | undefined;
}

/** Waits for the turn of the next try. False when the signal has ended it. */
export async function waitForRetry(
  turn: RetryWait,
  pace: Timing,
  signal: AbortSignal,
): Promise<boolean> {
  if (signal.aborted) return false;
  // Of its own, so that nothing goes on looking for the app once the wait has come to its end.
  const over = new AbortController();
  const end = () => over.abort(CANCELLED);
  signal.addEventListener('abort', end, { once: true });
  try {
    const due = sleepWithJitter(pace, turn.ms, over.signal, turn.leastMs);
    // Whatever goes wrong with it, the wait itself comes to its end.
    const appeared = waitUntilReachable(turn.absent, pace, over.signal).catch(() => due);
    return (await Promise.race([due, appeared])) && !signal.aborted;
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** True as soon as the target seems to be there; rejects where nobody can tell. */
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

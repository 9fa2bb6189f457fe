import type { Clock } from '@lastgood/core/model/clock.ts';

/** An app that comes back is noticed within this and a little more. */
export const POLL_MS = 250;

/** Repeats a check until it holds. Rejects with the signal's reason. */
export async function pollUntil(
  check: () => Promise<boolean>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!(await check())) await clock.sleep(POLL_MS, signal);
}

import type { Clock } from '../model/clock.ts';

/** Waits for quiet after something stirred. */
export interface Quiet {
  /** Something happened: the quiet begins anew. */
  stir(): void;
  readonly isWaiting: boolean;
}

/** A writer that never pauses is waited for this many times the quiet, and not for ever. */
const MAX_QUIETS = 10;

export interface QuietOptions {
  readonly quietMs: number;
  readonly clock: Clock;
  /** Ends the waiting; `onQuiet` is not called any more. */
  readonly signal: AbortSignal;
  readonly onQuiet: () => void;
}

/** Calls `onQuiet` once `quietMs` have passed without a stir, or ten times that since the first. */
export function createQuiet({ quietMs, clock, signal, onQuiet }: QuietOptions): Quiet {
  let lastMs = 0;
  let isWaiting = false;
  const wait = async () => {
    const latestMs = lastMs + quietMs * MAX_QUIETS;
    for (;;) {
      const leftMs = Math.min(lastMs + quietMs, latestMs) - clock.nowMs();
      if (leftMs <= 0) break;
      // One timer at a time, however often it is stirred.
      await clock.sleep(leftMs, signal);
    }
    isWaiting = false;
    onQuiet();
  };
  return {
    get isWaiting() {
      return isWaiting;
    },
    stir() {
      if (signal.aborted) return;
      lastMs = clock.nowMs();
      if (isWaiting) return;
      isWaiting = true;
      // The only way to reject is that the signal was aborted.
      wait().catch(() => {});
    },
  };
}

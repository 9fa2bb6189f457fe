import type { Clock } from '../model/clock.ts';

/** Waits for quiet after something stirred. */
export interface IdleTimer {
  /** Something happened: the quiet begins anew. */
  touch(): void;
  readonly isWaiting: boolean;
}

/** A writer that never pauses is waited for this many times the quiet, and not for ever. */
const MAX_QUIETS = 10;

export interface IdleTimerOptions {
  readonly idleMs: number;
  readonly clock: Clock;
  /** Ends the waiting; `onIdle` is not called any more. */
  readonly signal: AbortSignal;
  readonly onIdle: () => void;
}

/** Calls `onIdle` once `idleMs` have passed without a touch, or ten times that since the first. */
export function createIdleTimer({ idleMs, clock, signal, onIdle }: IdleTimerOptions): IdleTimer {
  let lastMs = 0;
  let isWaiting = false;
  const wait = async () => {
    const latestMs = lastMs + idleMs * MAX_QUIETS;
    for (;;) {
      const leftMs = Math.min(lastMs + idleMs, latestMs) - clock.nowMs();
      if (leftMs <= 0) break;
      // One timer at a time, however often it is stirred.
      await clock.sleep(leftMs, signal);
    }
    isWaiting = false;
    onIdle();
  };
  return {
    get isWaiting() {
      return isWaiting;
    },
    touch() {
      if (signal.aborted) return;
      lastMs = clock.nowMs();
      if (isWaiting) return;
      isWaiting = true;
      // The only way to reject is that the signal was aborted.
      wait().catch(() => {});
    },
  };
}

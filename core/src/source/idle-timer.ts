import type { Clock } from '../model/clock.ts';

/** Ends the wait for a writer that never pauses, as a multiple of the idle time. */
const MAX_FACTOR = 10;

export interface IdleTimerOptions {
  readonly idleMs: number;
  readonly clock: Clock;
  /** Ends the wait; `onIdle` is then not called any more. */
  readonly signal: AbortSignal;
  readonly onIdle: () => void;
}

/** Calls `onIdle` after `idleMs` without a touch, or ten times that after the first one. */
export function createIdleTimer({ idleMs, clock, signal, onIdle }: IdleTimerOptions) {
  let lastMs = 0;
  let isWaiting = false;
  const wait = async () => {
    const latestMs = lastMs + idleMs * MAX_FACTOR;
    for (;;) {
      const leftMs = Math.min(lastMs + idleMs, latestMs) - clock.nowMs();
      if (leftMs <= 0) break;
      // One timer at a time, however many touches there are.
      await clock.sleep(leftMs, signal);
    }
    isWaiting = false;
    onIdle();
  };
  return {
    get isWaiting(): boolean {
      return isWaiting;
    },
    /** Something happened: the wait starts again. */
    touch(): void {
      if (signal.aborted) return;
      lastMs = clock.nowMs();
      if (isWaiting) return;
      isWaiting = true;
      // Rejects only when the signal aborts.
      wait().catch(() => {});
    },
  };
}

import { backoff, OWN_BACKOFF } from '../model/backoff.ts';
import { CANCELLED, sleepWithJitter, type Timing } from '../model/retry-wait.ts';

/**
 * Decides when to capture the volumes: one capture at a time, requests during a capture become one,
 * and a failed capture is retried. `capture` captures once, and says whether it could.
 */
export function createCaptureLoop(capture: () => Promise<boolean>, timing: Timing) {
  let phase: 'not-started' | 'idle' | 'capturing' | 'capture-again' = 'not-started';
  let isStopped = false;
  /** Failed captures in a row. */
  let failures = 0;
  let retry = new AbortController();
  const reconcile = async (): Promise<void> => {
    if (isStopped || phase === 'not-started') return;
    if (phase !== 'idle') {
      phase = 'capture-again';
      return;
    }
    try {
      do {
        phase = 'capturing';
        if (await capture()) failures = 0;
        else void retryCapture();
        // A request during the capture may have changed it, which narrowing cannot see.
      } while ((phase as string) === 'capture-again');
    } finally {
      phase = 'idle';
    }
  };
  /** A permission that the kubelet sets a moment later, or a read that hung, causes no event. */
  const retryCapture = async (): Promise<void> => {
    if (isStopped) return;
    failures += 1;
    retry.abort(CANCELLED);
    retry = new AbortController();
    if (await sleepWithJitter(timing, backoff(failures, OWN_BACKOFF), retry.signal))
      await reconcile();
  };
  return {
    /** The first capture; requests before it are ignored. */
    start: async (): Promise<void> => {
      phase = 'idle';
      await reconcile();
    },
    reconcile,
    /** No capture begins from now on. */
    stop: (): void => {
      isStopped = true;
      retry.abort(CANCELLED);
    },
  };
}

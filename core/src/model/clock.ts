/** Time, as everything but `main.ts` sees it, so that tests can hold it. */
export interface Clock {
  /** Monotonic milliseconds: for durations and deadlines. */
  nowMs(): number;
  /** Milliseconds since the epoch: for what people read. */
  wallMs(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep,
};

/** Whether work ends within so many milliseconds; it goes on if not. Rejects if the work does in time. */
export async function endsWithin(work: Promise<unknown>, ms: number, clock: Clock) {
  const timer = new AbortController();
  const isOver = clock.sleep(ms, timer.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([work.then(() => true), isOver]);
  } finally {
    timer.abort();
  }
}

/**
 * Calls `onEnd` after so many milliseconds, once everything that has arrived by then is read. Node runs
 * timers before it reads, so a process that the CPU limit has stopped would find its deadlines over,
 * and would drop answers that arrived in time. Returns a function that cancels the call.
 */
export function setTimeoutAfterReads(onEnd: () => void, ms: number): () => void {
  let afterReads: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    afterReads = setImmediate(onEnd);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(afterReads);
  };
}

/** Not that of `node:timers/promises`, which makes an error with a stack for each abort: 0.1 ms. */
function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = setTimeoutAfterReads(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

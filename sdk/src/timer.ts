/** `setTimeout` takes a longer time for 1 ms. Source: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Calls back once, after so many milliseconds; never, if that is `Infinity`. It does not keep the process
 * alive, unless `keepsAlive`.
 */
export function startTimer(
  ms: number,
  callback: () => void,
  { keepsAlive = false } = {},
): NodeJS.Timeout | undefined {
  if (ms > MAX_TIMEOUT_MS) return undefined;
  const timer = setTimeout(callback, ms);
  // The timers of a test runner may be numbers, as in a browser.
  if (!keepsAlive) timer.unref?.();
  return timer;
}

/** Whether `work` is settled within so many milliseconds. Does not keep the process alive meanwhile. */
export function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = startTimer(ms, () => resolve(false));
    const end = () => {
      clearTimeout(timer);
      resolve(true);
    };
    work.then(end, end);
  });
}

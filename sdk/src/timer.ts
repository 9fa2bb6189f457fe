/** `setTimeout` takes a longer time for 1 ms. Source: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Calls back once, after so many milliseconds; never, if that is `Infinity`. */
export function startTimer(ms: number, callback: () => void): NodeJS.Timeout | undefined {
  return ms > MAX_TIMEOUT_MS ? undefined : setTimeout(callback, ms);
}

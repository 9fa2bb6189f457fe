/** The longest wait, whatever the app asks for. */
const MAX_MS = 15 * 60_000;

/**
 * The wait that an app asks for by `Retry-After`: a number of seconds, or a date. At most 15 minutes;
 * undefined for anything else, or for a date in the past. Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : dateOf(text) - wallMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_MS) : undefined;
}

/** All three date formats of HTTP are in GMT, and the oldest does not say so. */
function dateOf(text: string): number {
  if (!/^[A-Z][a-z]{2}/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}

/** No app is waited for longer than this, whatever it asks for. */
const MAX_MS = 15 * 60_000;

/**
 * How long an app asks not to be tried again, by its `Retry-After`: a number of seconds, or a date.
 * At most a quarter of an hour; undefined for what is neither, or over. Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string, wallMs: number): number | undefined {
  const text = header.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : dateOf(text) - wallMs;
  return Number.isFinite(ms) && ms > 0 ? Math.min(ms, MAX_MS) : undefined;
}

/** All three kinds of dates that HTTP knows are in GMT, and the oldest does not say so. */
function dateOf(text: string): number {
  if (!/^[A-Z][a-z]{2}/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}

/**
 * A log line as `key=value` pairs, quoted like Go's logfmt libraries do, so that the same queries work
 * as for the logs of Prometheus. A value that is not a string becomes JSON.
 */
export function formatLogfmt(fields: Readonly<Record<string, unknown>>): string {
  const { time, level, msg, ...more } = fields;
  const pairs = Object.entries({ ts: time, level, msg, ...more })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key.replace(NO_KEY, '_')}=${formatValue(value)}`);
  return `${pairs.join(' ')}\n`;
}

/** Characters that would end a key. */
const NO_KEY = /[\s="\p{Cc}]/gu;

/** Characters that need quotes. */
const NEEDS_QUOTES = /[\s="\\\p{Cc}\ufffd]/u;

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Go reads JSON's escapes.
  return NEEDS_QUOTES.test(text) ? JSON.stringify(text) : text;
}

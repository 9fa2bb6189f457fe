/**
 * One line of the log as `key=value` pairs, with quotes where Go's writers of logfmt put them: the
 * logs of Prometheus are read with the same queries. What is no plain value stands there as JSON.
 */
export function logfmtOf(fields: Readonly<Record<string, unknown>>): string {
  const { time, level, msg, ...more } = fields;
  const pairs = Object.entries({ ts: time, level, msg, ...more })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key.replace(NO_KEY, '_')}=${textOf(value)}`);
  return `${pairs.join(' ')}\n`;
}

/** What would end a key. */
const NO_KEY = /[\s="\p{Cc}]/gu;

/** What cannot stand there without quotes. */
const NEEDS_QUOTES = /[\s="\\\p{Cc}\ufffd]/u;

function textOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // JSON's escapes are the ones that Go reads.
  return NEEDS_QUOTES.test(text) ? JSON.stringify(text) : text;
}

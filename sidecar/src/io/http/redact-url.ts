/**
 * A URL as it may be shown (P8): without userinfo, query and fragment, where passwords and tokens
 * stand. A text that is no URL is not shown at all, for nobody knows what is in it.
 */
export function redactUrl(url: string): string {
  const unix = /^unix:(\/[^:]+)(?::([^?#]*))?/.exec(url);
  if (unix !== null) return `unix:${unix[1]}${unix[2] ? `:${unix[2]}` : ''}`;
  const parsed = URL.parse(url);
  // An opaque URL (`mailto:a:b`) has no host, and its path may hold anything.
  if (parsed === null || parsed.host === '') return '(not a URL)';
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/** A word as a message may repeat it: not where it may hold a URL, and so a password (P8). */
export function redactIfUrl(word: string): string {
  return /:\/|@/.test(word) ? '(not shown)' : word;
}

/** A path as it may be shown: not where a URL was put in its place. */
export function redactPath(path: string): string {
  return path.includes(':/') ? '(not shown)' : path;
}

/**
 * A URL without the parts that may be secret (P8): userinfo, query and fragment. A text that is not a
 * URL is not shown at all, because it may contain anything.
 */
export function redactUrl(url: string): string {
  const unix = /^unix:(\/[^:]+)(?::([^?#]*))?/.exec(url);
  if (unix !== null) return `unix:${unix[1]}${unix[2] ? `:${unix[2]}` : ''}`;
  const parsed = URL.parse(url);
  // An opaque URL (`mailto:a:b`) has no host, and its path may contain anything.
  if (parsed === null || parsed.host === '') return '(not a URL)';
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/** Hides a word that may contain a URL, and so a password (P8). */
export function redactIfUrl(word: string): string {
  return /:\/|@/.test(word) ? '(not shown)' : word;
}

/** Hides a URL that was given in the place of a path. */
export function redactPath(path: string): string {
  return path.includes(':/') ? '(not shown)' : path;
}

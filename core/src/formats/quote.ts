const MAX_QUOTE = 60;

/** On one line, not too long, and without what a terminal would obey. */
export function shortened(content: string): string {
  const quote = content.replaceAll(/\p{Cc}/gu, '?');
  return quote.length > MAX_QUOTE ? `${quote.slice(0, MAX_QUOTE)}…` : quote;
}

/** A key as messages show it, in quotes. */
export function quoted(key: string): string {
  return shortened(JSON.stringify(key));
}

const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/m;

/** The end of a flow node. */
export interface Ended {
  /** Where it ends, or the text that was read if it is not closed. */
  readonly end: number;
  /** The quote or bracket that is not closed. */
  readonly unclosed: number | undefined;
}

/** Reads the quoted text at an offset, which a document marker ends. */
export function readQuoted(text: string, start: number): Ended {
  const stop = text[start] === '"' ? /["\\]/g : /'/g;
  stop.lastIndex = start + 1;
  let found = stop.exec(text);
  while (found !== null && isEscape(text, found.index)) {
    stop.lastIndex = found.index + 2;
    found = stop.exec(text);
  }
  const end = found === null ? text.length : found.index + 1;
  const marker = text.slice(start, end).search(MARKER);
  if (marker > 0) return { end: start + marker, unclosed: start };
  return { end, unclosed: found === null ? start : undefined };
}

/** A backslash, or a single quote that is written twice. */
function isEscape(text: string, at: number): boolean {
  return text[at] === '\\' || (text[at] === "'" && text[at + 1] === "'");
}

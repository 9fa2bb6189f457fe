/** The rest of a character of two UTF-16 units that was cut. */
const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

/** Cuts a long text to what a message can show, and ends it with an ellipsis. */
export function truncate(text: string, maxLength = 60): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength).replace(HALF_CHARACTER, '')}…`;
}

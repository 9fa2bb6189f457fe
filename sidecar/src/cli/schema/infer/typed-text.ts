/** As in JSON; so a number with a leading zero, such as a code or a mode, stays text. */
const NUMBER = /^-?(?:0|[1-9]\d*)(\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * What the text of a file in a file-per-key volume stands for: `32` is a number, `true` a boolean. A
 * line break at its end does not count. An integer that a number would round, as an account's may be,
 * stays text.
 */
export function typedText(content: string): string | number | boolean {
  const text = content.replace(/\r?\n$/, '');
  if (text === 'true' || text === 'false') return text === 'true';
  if (!NUMBER.test(text)) return content;
  const value = Number(text);
  const isExact = Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
  return isExact ? value : content;
}

import { isUtf8 } from 'node:buffer';

/**
 * Kinds of characters, how often each stands in what people encode, and how many characters it has.
 * In random bytes each of the 256 is as likely as any other.
 */
const KINDS: readonly (readonly [kind: RegExp, share: number, count: number])[] = [
  [/[a-z]/, 0.5, 26],
  [/[A-Z]/, 0.2, 26],
  [/[0-9]/, 0.14, 10],
  [/[\t\n\r -~]/, 0.14, 36],
  [/[\u00a0-\u07ff]/, 0.01, 1888],
  [/[\u0800-\ufffd]/, 0.01, 63_486],
];

/** Generated passwords are of printable characters that are all as likely. */
const PRINTABLE_COUNT = 98;
const PRINTABLE = /^[\t\n\r -~]*$/;

/**
 * So many bits of evidence that the decoded bytes are a text and no accident. Of random bytes, at most
 * one in 2^13 has as much by either measure, whatever their number.
 */
const ENOUGH_BITS = 13;

/** Tokens that are base64 of text by design: user:password of Basic, and JSON with keys of a letter. */
const BY_DESIGN = /^(?:[^:\s{]+:(?!\/|\d+$)[^\s:]+|\{"[a-z]{1,2}":.*)$/s;

/**
 * Whether a value is the base64 of a text, as `data` of a Secret looks that was encoded before it was
 * encoded. Random tokens often are valid base64 too, but what they decode to is no text.
 *
 * @param path - a name that says base64 asks for just that
 */
export function isEncodedOnceMore(path: string, value: string): boolean {
  if (/b64|base64/i.test(path)) return false;
  const encoded = value.replaceAll(/\r?\n/g, '');
  const decoded = Buffer.from(encoded, 'base64');
  // Node drops what is no base64, so only what is encoded back to itself was base64.
  if (decoded.toString('base64') !== encoded || !isUtf8(decoded)) return false;
  const text = decoded.toString('utf8');
  return isText(text) && !BY_DESIGN.test(text.trim());
}

function isText(text: string): boolean {
  if (/^\{\s*".*\}\s*$/s.test(text) || bitsOfWords(text) >= ENOUGH_BITS) return true;
  return PRINTABLE.test(text) && text.length * Math.log2(256 / PRINTABLE_COUNT) >= ENOUGH_BITS;
}

/** The logarithm of how much likelier the text is from people than from a random generator. */
function bitsOfWords(text: string): number {
  let bits = 0;
  for (const character of text) {
    const kind = KINDS.find(([pattern]) => pattern.test(character));
    if (kind === undefined) return Number.NEGATIVE_INFINITY;
    const [, share, count] = kind;
    bits += Math.log2(share / count) + 8 * Buffer.byteLength(character);
  }
  return bits;
}

import { isUtf8 } from 'node:buffer';

/**
 * Kinds of characters: how frequent each is in what people encode, and how many characters it has. In
 * random bytes all 256 values are equally likely.
 */
const KINDS: readonly (readonly [kind: RegExp, share: number, count: number])[] = [
  [/[a-z]/, 0.5, 26],
  [/[A-Z]/, 0.2, 26],
  [/[0-9]/, 0.14, 10],
  [/[\t\n\r -~]/, 0.14, 36],
  [/[\u00a0-\u07ff]/, 0.01, 1888],
  [/[\u0800-\ufffd]/, 0.01, 63_486],
];

/** Generated passwords have printable characters that are all equally likely. */
const PRINTABLE_COUNT = 98;
const PRINTABLE = /^[\t\n\r -~]*$/;

/**
 * The evidence in bits that decoded bytes are a text and not random. At most one in 2^13 random values has
 * this much by either measure, whatever its length.
 */
const ENOUGH_BITS = 13;

/** Tokens that are base64 of text by design: user:password of Basic, and JSON with one-letter keys. */
const BY_DESIGN = /^(?:[^:\s{]+:(?!\/|\d+$)[^\s:]+|\{"[a-z]{1,2}":.*)$/s;

/**
 * Whether a value is the base64 of a text, as in `data` of a Secret that was encoded twice. Random tokens
 * are often valid base64 too, but do not decode to a text.
 *
 * @param path - of the file; a name with base64 in it expects base64
 */
export function isEncodedTwice(path: string, value: string): boolean {
  if (/b64|base64/i.test(path)) return false;
  const encoded = value.replaceAll(/\r?\n/g, '');
  const decoded = Buffer.from(encoded, 'base64');
  // Node skips characters that are not base64, so a valid value is one that encodes back to itself.
  if (decoded.toString('base64') !== encoded || !isUtf8(decoded)) return false;
  const text = decoded.toString('utf8');
  return isText(text) && !BY_DESIGN.test(text.trim());
}

function isText(text: string): boolean {
  if (/^\{\s*".*\}\s*$/s.test(text) || bitsOfWords(text) >= ENOUGH_BITS) return true;
  return PRINTABLE.test(text) && text.length * Math.log2(256 / PRINTABLE_COUNT) >= ENOUGH_BITS;
}

/** How much more likely the text is from people than from a random generator, in bits. */
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

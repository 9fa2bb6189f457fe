/** A text as it is, or with one encoding of it decoded, and where each range of it is in the original. */
export interface View {
  readonly text: string;
  /** Offset in the original of a character. */
  startOf(index: number): number;
  /** Offset in the original behind the character before an index. */
  endOf(index: number): number;
}

/** A text that was cut to fit ends with it, perhaps in the middle of a secret. */
export const CUT = '…';

const JSON_ESCAPE = /\\(?:u[\da-fA-F]{4}|["\\/bfnrt])/g;
const PERCENT = /%[\da-fA-F]{2}/g;
const PERCENT_OR_PLUS = /%[\da-fA-F]{2}|\+/g;

/**
 * The ways to read a text: as it is, without the escapes of JSON, without percent-encoding, and each part
 * that may be base64. Bytes of an encoding become one character each, as in latin1.
 */
export function* viewsOf(text: string): Generator<View> {
  yield { text, startOf: (index) => index, endOf: (index) => index };
  if (text.includes('\\'))
    yield decoded(text, JSON_ESCAPE, (written) => JSON.parse(`"${written}"`));
  if (text.includes('%')) yield decoded(text, PERCENT, percentDecoded);
  if (text.includes('+')) yield decoded(text, PERCENT_OR_PLUS, percentDecoded);
  for (const found of text.matchAll(MAYBE_BASE64)) yield* base64Views(text, found.index, found[0]);
}

function percentDecoded(written: string): string {
  return written === '+' ? ' ' : String.fromCharCode(Number.parseInt(written.slice(1), 16));
}

/** Puts one character in place of each escape. */
function decoded(text: string, escapes: RegExp, decode: (written: string) => string): View {
  const offsets: number[] = [];
  const addUpTo = (end: number) => {
    for (let at = behind; at < end; at++) offsets.push(at);
  };
  let behind = 0;
  const result = text.replace(escapes, (written, offset: number) => {
    addUpTo(offset);
    offsets.push(offset);
    behind = offset + written.length;
    return decode(written);
  });
  addUpTo(text.length + 1);
  const offsetOf = (index: number) => offsets[index] ?? text.length;
  return { text: result, startOf: offsetOf, endOf: offsetOf };
}

/** In either alphabet: the shortest value that is found in it, or the start of one where the text was cut. */
const MAYBE_BASE64 = /[\w+/-]{11,}|[\w+/-]{6,10}(?=\u2026)/g;

/** What is encoded may begin at each of four digits, as other digits may stand before it. */
function* base64Views(text: string, start: number, digits: string): Generator<View> {
  const end = start + digits.length;
  const cut = text.startsWith(CUT, end) ? CUT : '';
  for (const skipped of [0, 1, 2, 3]) {
    const bytes = Buffer.from(digits.slice(skipped), 'base64').toString('latin1');
    yield {
      text: bytes + cut,
      startOf: (index) => start + skipped + Math.floor((index * 4) / 3),
      endOf: (index) =>
        index >= bytes.length ? end : start + skipped + Math.ceil((index * 4) / 3),
    };
  }
}

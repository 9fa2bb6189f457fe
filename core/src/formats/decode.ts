import { isUtf8 } from 'node:buffer';
import type { Problem } from './format.ts';
import { createLines } from './lines.ts';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** The text of a file's bytes, or why they are none: not UTF-8, or with a byte order mark. */
export function decode(bytes: Buffer): Decoded {
  if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
    return { ok: false, problems: [{ code: 'LG_VALIDATE_BOM', args: [], line: 1, column: 1 }] };
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) return { ok: true, text };
  const position = createLines(text)(firstReplaced(bytes, text));
  return { ok: false, problems: [{ code: 'LG_VALIDATE_ENCODING', args: [], ...position }] };
}

/**
 * Where the decoder first put a replacement character for bad bytes. The content may hold that
 * character itself; then its three bytes stand there.
 */
function firstReplaced(bytes: Buffer, text: string): number {
  let from = 0;
  let byteOffset = 0;
  for (;;) {
    const found = text.indexOf(REPLACEMENT, from);
    if (found === -1) return text.length;
    byteOffset += Buffer.byteLength(text.slice(from, found));
    const there = bytes.subarray(byteOffset, byteOffset + REPLACEMENT_BYTES.length);
    if (!there.equals(REPLACEMENT_BYTES)) return found;
    from = found + REPLACEMENT.length;
    byteOffset += REPLACEMENT_BYTES.length;
  }
}

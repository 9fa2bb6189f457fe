import { isUtf8 } from 'node:buffer';
import type { Issue } from '../model/issue.ts';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  /** `text` is what could be decoded. */
  | { readonly ok: false; readonly text: string; readonly issues: readonly Issue[] };

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

/** Decodes UTF-8 text without a byte order mark, or says why the bytes are not such a text. */
export function decode(bytes: Buffer): Decoded {
  const text = bytes.toString('utf8');
  if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
    return { ok: false, text, issues: [{ code: 'LG_VALIDATE_BOM', args: [], at: 0 }] };
  if (isUtf8(bytes)) return { ok: true, text };
  const at = firstReplaced(bytes, text);
  return { ok: false, text, issues: [{ code: 'LG_VALIDATE_ENCODING', args: [], at }] };
}

/**
 * The offset where the decoder first put a replacement character for bad bytes. The content may have
 * that character itself; then the three bytes are its own.
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

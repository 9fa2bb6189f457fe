import { isUtf8 } from 'node:buffer';
import type { Issue } from '../model/issue.ts';

export type Decoded =
  | { readonly ok: true; readonly text: string }
  /** `text` is what could be decoded. */
  | { readonly ok: false; readonly text: string; readonly issues: readonly Issue[] };

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Decodes UTF-8 text without a byte order mark, or says why the bytes are not such a text. */
export function decode(bytes: Buffer): Decoded {
  const text = bytes.toString('utf8');
  if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK))
    return { ok: false, text, issues: [{ code: 'LG_VALIDATE_BOM', args: [], at: 0 }] };
  if (isUtf8(bytes)) return { ok: true, text };
  const at = firstReplaced(bytes, text);
  return { ok: false, text, issues: [{ code: 'LG_VALIDATE_ENCODING', args: [], at }] };
}

/** The offset in the text of the first bad byte, which the decoder has replaced by three others. */
function firstReplaced(bytes: Buffer, text: string): number {
  const bad = Buffer.from(text).findIndex((byte, index) => byte !== bytes[index]);
  // With `stream`, a character that was begun before the bad byte does not count.
  return new TextDecoder().decode(bytes.subarray(0, bad), { stream: true }).length;
}

import { isUtf8 } from 'node:buffer';
import type { Issue } from '../model/issue.ts';
import type { FormatName } from './format.ts';
import { isDer } from './pem.ts';

/** The text of a file. */
export type Decoded =
  | {
      readonly ok: true;
      readonly text: string;
      /** Some readers of the format would not decode it, or would decode it otherwise (P11). */
      readonly warnings: readonly Issue[];
    }
  /** `text` is what could be decoded. */
  | { readonly ok: false; readonly text: string; readonly issues: readonly Issue[] };

/** PyYAML, Go and Python's json read UTF-16 with a byte order mark; other text files may have any encoding. */
const UTF_16: ReadonlySet<FormatName> = new Set(['yaml', 'json', 'text']);

/** Some readers take any bytes: Java, PHP, git, Docker, Go's json, OpenSSL, and JavaScript's for each JSON. */
const ANY_BYTES: ReadonlySet<FormatName> = new Set([
  ...(['json', 'jsonc', 'json5', 'dockerconfigjson', 'dockercfg'] as const),
  ...(['ini', 'properties', 'env', 'pem', 'text'] as const),
]);

/** Only the kubelet reads these, with Go, which refuses a byte order mark. */
const STRICT_GO: ReadonlySet<FormatName> = new Set(['dockerconfigjson', 'dockercfg']);

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Decodes a text, without a byte order mark. Bytes that are not UTF-8 are decoded as Latin-1 if a reader of
 * the format takes them, as Java does: then no two texts become the same one.
 */
export function decode(bytes: Buffer, format: FormatName): Decoded {
  if (format === 'pem' && isDer(bytes))
    return { ok: true, text: bytes.toString('latin1'), warnings: [] };
  const utf16 = decodeUtf16(bytes);
  if (utf16 !== undefined) {
    const issue = encodingIssue('is UTF-16, not UTF-8', 0);
    if (!UTF_16.has(format)) return { ok: false, text: utf16, issues: [issue] };
    return { ok: true, text: utf16, warnings: [issue] };
  }
  const text = bytes.toString('utf8');
  if (isUtf8(bytes)) {
    if (!text.startsWith(BYTE_ORDER_MARK)) return { ok: true, text, warnings: [] };
    const mark: Issue = { code: 'LG_VALIDATE_BOM', args: [], at: 0 };
    const unmarked = text.slice(BYTE_ORDER_MARK.length);
    if (STRICT_GO.has(format)) return { ok: false, text: unmarked, issues: [mark] };
    return { ok: true, text: unmarked, warnings: [mark] };
  }
  const bad = firstBadByte(bytes, text);
  if (ANY_BYTES.has(format)) {
    const warnings = [encodingIssue('is not valid UTF-8', bad)];
    return { ok: true, text: bytes.toString('latin1'), warnings };
  }
  // With `stream`, a character that was begun before the bad byte does not count.
  const at = new TextDecoder().decode(bytes.subarray(0, bad), { stream: true }).length;
  return { ok: false, text, issues: [encodingIssue('is not valid UTF-8', at)] };
}

function encodingIssue(message: string, at: number): Issue {
  return { code: 'LG_VALIDATE_ENCODING', args: [message], at };
}

/** Without its byte order mark; undefined if there is none. */
function decodeUtf16(bytes: Buffer): string | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] !== 0xfe || bytes[1] !== 0xff) return undefined;
  return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le');
}

/** The index of the first byte that the decoder has replaced by three others. */
function firstBadByte(bytes: Buffer, text: string): number {
  return Buffer.from(text).findIndex((byte, index) => byte !== bytes[index]);
}

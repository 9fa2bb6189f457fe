import { isUtf8 } from 'node:buffer';
import type { Finding } from '../model/finding.ts';
import { type Issue, locateIssues } from '../model/issue.ts';
import type { SnapshotFile } from '../model/snapshot.ts';
import type { Document, Format } from './format.ts';
import { createLines } from './lines.ts';

export type ParsedFile =
  | {
      readonly ok: true;
      readonly documents: readonly Document[];
      /** Warnings. */
      readonly findings: readonly Finding[];
    }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/**
 * Parses the bytes of a file: they must be UTF-8 text, and the text must be of the format.
 *
 * @param strict - refuse what only some readers of the format accept, instead of a warning
 */
export function parseFile(
  file: Pick<SnapshotFile, 'path' | 'bytes' | 'secret'>,
  format: Format,
  strict = false,
): ParsedFile {
  const decoded = decode(file.bytes);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  const locate = (issues: readonly Issue[]) =>
    locateIssues(issues, file, createLines(decoded.text));
  if (!parsed.ok) return { ok: false, findings: locate(parsed.issues) };
  const { documents, warnings = [] } = parsed;
  if (!strict || warnings.length === 0)
    return { ok: true, documents, findings: locate(warnings.map(asWarning)) };
  return { ok: false, findings: locate(warnings) };
}

function asWarning(issue: Issue): Issue {
  return { ...issue, severity: 'warning' };
}

type Decoded =
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

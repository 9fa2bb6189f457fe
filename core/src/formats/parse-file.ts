import type { Finding } from '../model/finding.ts';
import { locateIssues } from '../model/issue.ts';
import type { SnapshotFile } from '../model/snapshot.ts';
import { decode } from './decode.ts';
import type { Document, Format } from './format.ts';
import { createLines } from './lines.ts';

export type ParsedFile =
  | { readonly ok: true; readonly documents: readonly Document[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** Parses the bytes of a file: they must be UTF-8 text, and the text must be of the format. */
export function parseFile(
  file: Pick<SnapshotFile, 'path' | 'bytes' | 'secret'>,
  format: Format,
): ParsedFile {
  const decoded = decode(file.bytes);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  if (parsed.ok) return parsed;
  return { ok: false, findings: locateIssues(parsed.issues, file, createLines(decoded.text)) };
}

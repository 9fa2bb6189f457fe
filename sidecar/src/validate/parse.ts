import { decode } from '../formats/decode.ts';
import type { Document, Format, Problem } from '../formats/format.ts';
import { findingOfProblem } from '../formats/problem.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Finding } from '../verdict.ts';

export type ParsedFile =
  | { readonly ok: true; readonly documents: readonly Document[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** The first check: the bytes are UTF-8 text, and the text is what the format asks for. */
export function parseFile(file: SnapshotFile, format: Format): ParsedFile {
  const decoded = decode(file.bytes);
  if (!decoded.ok) return failed(file, decoded.problems);
  const parsed = format.parse(decoded.text);
  return parsed.ok ? parsed : failed(file, parsed.problems);
}

function failed({ path, secret }: SnapshotFile, problems: readonly Problem[]): ParsedFile {
  return { ok: false, findings: problems.map((each) => findingOfProblem(each, path, secret)) };
}

import { decode } from '@lastgood/core/formats/decode.ts';
import type { Document, Format, Problem } from '@lastgood/core/formats/format.ts';
import { findingOfProblem } from '@lastgood/core/formats/problem.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

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

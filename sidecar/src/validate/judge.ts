import { findingOf, reasonOf } from '../errors.ts';
import type { Format } from '../formats/format.ts';
import { formatNamed, formatOfPath } from '../formats/formats.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Check } from './checks.ts';
import { type Judgement, join } from './findings.ts';
import { parseFile } from './parse.ts';

/** Runs every check of one file, the cheap ones first. Never throws. */
export function judgeFile(file: SnapshotFile, checks: readonly Check[]): Judgement {
  try {
    return join(judgementsOf(file, checks));
  } catch (thrown) {
    // A defect of a check must not end the sidecar, nor let the file pass, nor tell a secret (P8).
    const reason = file.secret ? 'a check failed' : reasonOf(thrown);
    return { findings: [findingOf('LG_INTERNAL', [reason], { file: file.path })], leftOut: 0 };
  }
}

/** Whether anything looks into the file: parsing is what takes time and memory. */
export function isParsed(file: SnapshotFile, checks: readonly Check[]): boolean {
  const named = checks.filter(({ matches }) => matches(file.path));
  return formatOf(file.path, named).name !== 'text' || named.some(({ schema }) => schema);
}

function judgementsOf(file: SnapshotFile, checks: readonly Check[]): readonly Judgement[] {
  const named = checks.filter(({ matches }) => matches(file.path));
  const format = formatOf(file.path, named);
  const schemas = new Set(named.flatMap(({ schema }) => schema ?? []));
  // The bytes of a text file are judged by nobody: it may as well be an image or a keystore.
  if (!isParsed(file, checks)) return [];
  const parsed = parseFile(file, format);
  if (!parsed.ok) return [{ findings: parsed.findings, leftOut: 0 }];
  return [...schemas].map((schema) => schema(file, parsed.documents));
}

/** A check that names a format decides, else the name of the file. */
function formatOf(path: string, named: readonly Check[]): Format {
  for (const { format } of named) if (format !== 'auto') return formatNamed(format);
  return formatOfPath(path);
}

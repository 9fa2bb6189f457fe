import { findingOf, reasonOf } from '../errors.ts';
import type { Format } from '../formats/format.ts';
import { formatNamed, formatOfPath } from '../formats/formats.ts';
import type { SnapshotFile } from '../snapshot.ts';
import type { Check } from './checks.ts';
import { type Judgement, join, judgementOf } from './findings.ts';
import type { SchemaCheck } from './json-schema.ts';
import { parseFile } from './parse.ts';

/** Runs every check of one file, the cheap ones first. Never throws. */
export function judgeFile(file: SnapshotFile, checks: readonly Check[]): Judgement {
  try {
    return join(judgementsOf(file, checks));
  } catch (thrown) {
    return defectOf(file, thrown);
  }
}

/** A defect of a check must not end the sidecar, nor let the file pass, nor tell a secret (P8). */
export function defectOf({ path, secret }: SnapshotFile, thrown: unknown): Judgement {
  const reason = secret ? 'a check failed' : reasonOf(thrown);
  return judgementOf([findingOf('LG_INTERNAL', [reason], { file: path })]);
}

/** Whether anything looks into the file: parsing is what takes time and memory. */
export function isParsed(file: SnapshotFile, checks: readonly Check[]): boolean {
  return readingOf(file, checks) !== undefined;
}

function judgementsOf(file: SnapshotFile, checks: readonly Check[]): readonly Judgement[] {
  const reading = readingOf(file, checks);
  if (reading === undefined) return [];
  const parsed = parseFile(file, reading.format);
  if (!parsed.ok) return [judgementOf(parsed.findings)];
  return [...reading.schemas].map((schema) => schema(file, parsed.documents));
}

/** How a file is read, and what it is held against. */
interface Reading {
  readonly format: Format;
  readonly schemas: ReadonlySet<SchemaCheck>;
}

/** Undefined for a text file, whose bytes nobody judges: it may as well be an image or a keystore. */
function readingOf({ path }: SnapshotFile, checks: readonly Check[]): Reading | undefined {
  const named = checks.filter(({ matches }) => matches(path));
  const format = formatOf(path, named);
  const schemas = new Set(named.flatMap(({ schema }) => schema ?? []));
  return format.name === 'text' && schemas.size === 0 ? undefined : { format, schemas };
}

/** A check that names a format decides, else the name of the file. */
function formatOf(path: string, named: readonly Check[]): Format {
  for (const { format } of named) if (format !== 'auto') return formatNamed(format);
  return formatOfPath(path);
}

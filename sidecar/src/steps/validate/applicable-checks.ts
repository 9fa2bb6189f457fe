import type { Document, Format } from '@lastgood/core/formats/format.ts';
import { formatNamed, formatOfPath } from '@lastgood/core/formats/formats.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { RuleCheck } from '../../checks/cel/rule-check.ts';
import { plainDocument } from '../../checks/drift/plain.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import { type ParsedFile, parseFile } from '../../checks/parse-file.ts';
import type { Checks, FilesCheck } from './compile-checks.ts';

/** How a file is read, and what it is held against. */
export interface ApplicableChecks {
  /** Undefined for what nobody judges: it may as well be an image or a keystore. */
  readonly format: Format | undefined;
  readonly schemas: ReadonlySet<SchemaCheck>;
  readonly rules: readonly RuleCheck[];
}

export function applicableChecks({ path }: SnapshotFile, { files }: Checks): ApplicableChecks {
  const named = files.filter(({ matches }) => matches(path));
  const format = formatOf(path, named);
  const schemas = new Set(named.flatMap(({ schema }) => schema ?? []));
  const rules = named.flatMap((check) => check.rules ?? []);
  const isRead = format.name !== 'binary' || schemas.size > 0 || rules.length > 0;
  return { format: isRead ? format : undefined, schemas, rules };
}

/** A check that names a format decides, else the name of the file. */
function formatOf(path: string, named: readonly FilesCheck[]): Format {
  for (const { format } of named) if (format !== 'auto') return formatNamed(format);
  return formatOfPath(path);
}

/** Whether anything looks into the file: parsing is what takes time and memory, and text has none. */
export function isParsed(file: SnapshotFile, checks: Checks): boolean {
  const { format, schemas, rules } = applicableChecks(file, checks);
  return format !== undefined && (format.name !== 'text' || schemas.size + rules.length > 0);
}

/** Whether something looks into the file that may never end, such as a pattern of a schema. */
export function mayHang(file: SnapshotFile, checks: Checks): boolean {
  const { schemas, rules } = applicableChecks(file, checks);
  return rules.length > 0 || [...schemas].some(({ isCheap }) => !isCheap);
}

/** Whether the file is read as PEM. */
export function isPem(file: SnapshotFile, checks: Checks): boolean {
  return applicableChecks(file, checks).format?.name === 'pem';
}

/** The documents of a file; what no format knows is one value. */
export function readAs(format: Format | undefined, file: SnapshotFile): ParsedFile {
  if (format !== undefined) return parseFile(file, format);
  return { ok: true, documents: [plainDocument(file)] };
}

/** The documents of a file that has passed its checks; undefined where nothing can read it. */
export function documentsOf(file: SnapshotFile, checks: Checks): readonly Document[] | undefined {
  const { format } = applicableChecks(file, checks);
  const read = format === undefined ? undefined : parseFile(file, format);
  return read?.ok ? read.documents : undefined;
}

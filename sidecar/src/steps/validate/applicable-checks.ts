import type { Document, Format } from '@lastgood/core/formats/format.ts';
import { FORMATS, formatOfPath } from '@lastgood/core/formats/formats.ts';
import {
  type ParsedFile,
  type ParseOptions,
  parseFile,
} from '@lastgood/core/formats/parse-file.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { RuleCheck } from '../../checks/cel/rules.ts';
import type { SchemaCheck } from '../../checks/json-schema/schema-check.ts';
import type { Checks, FilesCheck } from './compile-checks.ts';

/** A longer file is not the value of a key. */
const MAX_SCALAR_BYTES = 256;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** How a file is read, and the checks for it. */
export interface ApplicableChecks {
  /** Undefined if nothing is checked: it may be an image or a keystore. */
  readonly format: Format | undefined;
  /** Warnings of the format are errors. */
  readonly strict: boolean;
  /** YAML tags that the app knows. */
  readonly tags: readonly string[];
  readonly schemas: ReadonlySet<SchemaCheck>;
  readonly rules: readonly RuleCheck[];
}

export function applicableChecks({ path }: SnapshotFile, { files }: Checks): ApplicableChecks {
  const named = files.filter(({ matches }) => matches(path));
  const format = formatOf(path, named);
  const schemas = new Set(named.flatMap(({ schema }) => schema ?? []));
  const rules = named.flatMap((check) => check.rules ?? []);
  const isRead = format.name !== 'binary' || schemas.size > 0 || rules.length > 0;
  const strict = named.some((check) => check.strict);
  const tags = named.flatMap((check) => check.tags);
  return { format: isRead ? format : undefined, strict, tags, schemas, rules };
}

/** The format in a check, else by the name of the file. */
function formatOf(path: string, named: readonly FilesCheck[]): Format {
  for (const { format } of named) if (format !== 'auto') return FORMATS[format];
  return formatOfPath(path);
}

/** The documents of a file; without a format it is one value. */
export function readAs(
  { format, ...options }: Pick<ApplicableChecks, 'format'> & ParseOptions,
  file: SnapshotFile,
): ParsedFile {
  if (format !== undefined) return parseFile(file, format, options);
  return { ok: true, documents: [plainDocument(file)], findings: [] };
}

/**
 * A file without a format as one value: in file-per-key volumes, numbers and booleans are read as such,
 * as programs that read the key do. The content of a secret is not read.
 */
function plainDocument({ bytes, secret }: SnapshotFile): Document {
  const value =
    secret || bytes.length > MAX_SCALAR_BYTES ? textOf(bytes) : scalarOf(bytes.toString('utf8'));
  return { value, locate: () => ({ line: 1, column: 1 }) };
}

/** All texts count as equal. */
function textOf(bytes: Buffer): string {
  return bytes.length === 0 ? '' : '…';
}

function scalarOf(text: string): unknown {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed)) return Number(trimmed);
  return /^(?:true|false)$/i.test(trimmed) ? trimmed.toLowerCase() === 'true' : trimmed;
}

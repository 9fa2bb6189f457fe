import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { formatOfPath, hasGrammar } from '@lastgood/core/formats/formats.ts';
import { parseFile } from '@lastgood/core/formats/parse-file.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { Part, Pointer } from '@lastgood/core/model/pointer.ts';
import type { AnySchemaObject } from 'ajv';
import { redactPath } from '../../io/http/redact-url.ts';
import type { SchemaSettings } from '../../settings/settings.ts';
import { baseIn } from './walk.ts';

/** A JSON Schema as data: `true` allows everything and `false` nothing. */
export type SchemaData = AnySchemaObject | boolean;

/** A schema, with the positions of its parts in its file. */
export interface SchemaFile {
  /** Absolute. */
  readonly path: string;
  readonly value: SchemaData;
  /** Its `$id`, made absolute by the file's own URL, else that URL. */
  readonly base: string;
  readonly locate: (pointer: Pointer, part: Part) => Location;
}

/** Why a schema cannot be used: at a part of it, or as a whole. */
export interface SchemaIssue extends Issue<Location | undefined> {
  readonly cause?: unknown;
}

export function schemaIssue(reason: string, at?: Location, cause?: unknown): SchemaIssue {
  return { code: 'LG_SETTINGS_SCHEMA', args: [reason], at, cause };
}

/** Reads the bytes of a schema file. */
export type ReadSchema = (path: string) => Promise<Buffer>;

/** Reads only these. All files of the settings are there, so another one is named by the schema of an app. */
export function readFrom(schemas: ReadonlyMap<string, Uint8Array>): ReadSchema {
  return async (path) => {
    const bytes = schemas.get(path);
    if (bytes === undefined) throw new Error('the schema of an app must not refer to a file');
    return Buffer.from(bytes);
  };
}

/** What was made of a schema, or why it cannot be used. */
export type SchemaRead<Made> =
  | (Made & { readonly ok: true })
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/** A schema that cannot be used, with the reason. */
export function failed(reason: string, at?: Location, cause?: unknown): SchemaRead<never> {
  return { ok: false, issues: [schemaIssue(reason, at, cause)] };
}

/** Schemas stay in memory for as long as the sidecar runs. */
const MAX_BYTES = 2 ** 20;

type FileRead = SchemaRead<{ readonly file: SchemaFile }>;

/** Reads a schema file, JSON or YAML. Never rejects. */
export async function readSchema(path: string, read: ReadSchema): Promise<FileRead> {
  try {
    const bytes = await read(path);
    return bytes.length > MAX_BYTES ? failed('it is larger than 1Mi') : parseSchema(path, bytes);
  } catch (cause) {
    return failed(reasonOf(cause), undefined, cause);
  }
}

function parseSchema(path: string, bytes: Buffer): FileRead {
  const named = formatOfPath(path);
  // Whatever its name, a schema is never plain text; nearly all JSON is YAML too.
  const format = hasGrammar(named) ? named : yaml;
  const parsed = parseFile({ path, bytes, secret: false }, format, { strict: true });
  if (!parsed.ok) {
    const issues = parsed.findings.map(({ message, location }) => schemaIssue(message, location));
    return { ok: false, issues };
  }
  const [document, ...others] = parsed.documents;
  if (document === undefined || others.length > 0) return failed('it must be one document');
  const { value, locate } = document;
  if (!isMapping(value) && typeof value !== 'boolean')
    return failed('it must be an object, true or false');
  const url = pathToFileURL(path).href;
  const file: SchemaFile = {
    path,
    value,
    base: isMapping(value) ? baseIn(value, url) : url,
    locate: (pointer, part) => ({ file: path, ...locate(pointer, part) }),
  };
  return { ok: true, file };
}

const MODULE_EXTENSIONS: readonly string[] = ['.mjs', '.js', '.mts', '.ts'];

/** Whether a schema is code that makes one, by the name of its file. */
export function isModule(path: string): boolean {
  return MODULE_EXTENSIONS.includes(extname(path));
}

/** The schema in a message about it: `this` one if the issue has a location in it. */
export function subjectOf({ at }: SchemaIssue, path: string): string {
  const kind = isModule(path) ? 'schema' : 'JSON Schema';
  return at === undefined ? `the ${kind} ${redactPath(path)}` : `this ${kind}`;
}

/** `LG_SETTINGS_SCHEMA` for the first issue: at its own line, else where the settings name the schema. */
export function unusable(
  { path, namedAt }: SchemaSettings,
  [first = schemaIssue('it has a problem'), ...others]: readonly SchemaIssue[],
): LastgoodError {
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const args = [subjectOf(first, path), `${first.args[0]}${more}`];
  return new LastgoodError(first.code, args, { location: first.at ?? namedAt, cause: first.cause });
}

import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { decode } from '@lastgood/core/formats/decode.ts';
import type { Document, Part, Pointer } from '@lastgood/core/formats/format.ts';
import { formatOfPath, hasGrammar } from '@lastgood/core/formats/formats.ts';
import { findingOfProblem } from '@lastgood/core/formats/problem.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { LastgoodError, reasonOf } from '@lastgood/core/model/error.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { AnySchemaObject } from 'ajv';
import { redactPath } from '../../io/http/redact-url.ts';
import type { SchemaSettings } from '../../settings/settings.ts';
import { baseIn, isObject } from './walk.ts';

/** A JSON Schema as data: `true` allows everything and `false` nothing. */
export type SchemaData = AnySchemaObject | boolean;

/** A schema, and where each part of it stands in its file. */
export interface SchemaFile {
  /** Absolute. */
  readonly path: string;
  readonly value: SchemaData;
  /** Its `$id`, made absolute by the file's own URL, else that URL. */
  readonly base: string;
  readonly locate: (pointer: Pointer, part: Part) => Location;
}

/** Why a schema cannot be used. */
export interface SchemaProblem {
  readonly reason: string;
  /** Where it is wrong, if that is known. */
  readonly location?: Location | undefined;
  readonly cause?: unknown;
}

/** How the bytes of a schema file are come by. */
export type ReadSchema = (path: string) => Promise<Buffer>;

export type SchemaRead =
  | { readonly ok: true; readonly file: SchemaFile }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/** Written by people, and held in memory for as long as the sidecar runs. */
const MAX_BYTES = 2 ** 20;

/** Reads a schema file, JSON or YAML. Never rejects. */
export async function readSchema(path: string, read: ReadSchema): Promise<SchemaRead> {
  try {
    const bytes = await read(path);
    if (bytes.length > MAX_BYTES) return failed([{ reason: 'it is larger than 1Mi' }]);
    return parseSchema(path, bytes);
  } catch (cause) {
    return failed([{ reason: reasonOf(cause), cause }]);
  }
}

function parseSchema(path: string, bytes: Buffer): SchemaRead {
  const named = formatOfPath(path);
  // Whatever its name, a schema is never plain text; nearly all JSON is YAML as well.
  const format = hasGrammar(named) ? named : yaml;
  const decoded = decode(bytes);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  if (!parsed.ok) {
    const findings = parsed.problems.map((problem) => findingOfProblem(problem, path, false));
    return failed(findings.map(({ message, location }) => ({ reason: message, location })));
  }
  const [document, ...others] = parsed.documents;
  if (document === undefined || others.length > 0)
    return failed([{ reason: 'it must be one document' }]);
  return fileOf(path, document);
}

function fileOf(path: string, { value, locate }: Document): SchemaRead {
  if (!isObject(value) && typeof value !== 'boolean')
    return failed([{ reason: 'it must be an object, true or false' }]);
  const url = pathToFileURL(path).href;
  const file: SchemaFile = {
    path,
    value,
    base: isObject(value) ? baseIn(value, url) : url,
    locate: (pointer, part) => ({ file: path, ...locate(pointer, part) }),
  };
  return { ok: true, file };
}

function failed(problems: readonly SchemaProblem[]): SchemaRead {
  return { ok: false, problems };
}

const MODULE_EXTENSIONS: readonly string[] = ['.mjs', '.js', '.mts', '.ts'];

/** Whether a schema is code that makes one, by the name of its file. */
export function isModule(path: string): boolean {
  return MODULE_EXTENSIONS.includes(extname(path));
}

/** What a problem is about: a schema that its location names already is `this` one. */
export function subjectOf({ location }: SchemaProblem, path: string): string {
  const kind = isModule(path) ? 'schema' : 'JSON Schema';
  return location === undefined ? `the ${kind} ${redactPath(path)}` : `this ${kind}`;
}

/**
 * `LG_SETTINGS_SCHEMA` for the first problem: at its own line, where that is known, else where the
 * settings name the schema.
 */
export function unusable(
  { path, namedAt }: SchemaSettings,
  problems: readonly SchemaProblem[],
): LastgoodError {
  const [first = { reason: 'it has a problem' }, ...others] = problems;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const args = [subjectOf(first, path), `${first.reason}${more}`];
  const details = { location: first.location ?? namedAt, cause: first.cause };
  return new LastgoodError('LG_SETTINGS_SCHEMA', args, details);
}

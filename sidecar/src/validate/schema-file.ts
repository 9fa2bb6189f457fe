import type { AnySchemaObject } from 'ajv';
import { type ErrorDetails, LastgoodError, reasonOf } from '../errors.ts';
import { decode } from '../formats/decode.ts';
import type { Document, Problem } from '../formats/format.ts';
import { formatOfPath } from '../formats/formats.ts';
import { findingOfProblem } from '../formats/problem.ts';
import { yaml } from '../formats/yaml.ts';
import type { SchemaSettings } from '../settings/settings.ts';

/** A JSON Schema as data: `true` allows everything and `false` nothing. */
export type SchemaData = AnySchemaObject | boolean;

/** A schema, and where each part of it stands in its file. */
export type SchemaDocument = Document & { readonly value: SchemaData };

/** How the bytes of a schema file are come by. */
export type ReadSchema = (path: string) => Promise<Buffer>;

/** Reads a schema file, JSON or YAML. Rejects with `LG_SETTINGS_SCHEMA`. */
export async function readSchema(
  settings: SchemaSettings,
  read: ReadSchema,
): Promise<SchemaDocument> {
  const bytes = await read(settings.path).catch((cause: unknown) => {
    throw unusable(settings, reasonOf(cause), { cause });
  });
  const named = formatOfPath(settings.path);
  // Whatever its name, a schema is never plain text; nearly all JSON is YAML as well.
  const format = named.name === 'text' ? yaml : named;
  const decoded = decode(bytes);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  if (!parsed.ok) throw unparsable(settings, parsed.problems);
  const [document, ...others] = parsed.documents;
  if (document === undefined || others.length > 0)
    throw unusable(settings, 'it must be one document');
  const { value, locate } = document;
  if (!isSchema(value)) throw unusable(settings, 'it must be an object, true or false');
  return { value, locate };
}

function unparsable(settings: SchemaSettings, problems: readonly Problem[]): LastgoodError {
  const [finding] = problems.map((problem) => findingOfProblem(problem, settings.path, false));
  const { message = 'it cannot be parsed', location } = finding ?? {};
  return unusable(settings, message, { location });
}

/** `LG_SETTINGS_SCHEMA`: at its own line, where that is known, else where the settings name it. */
export function unusable(
  { path, namedAt }: SchemaSettings,
  reason: string,
  { location, cause }: ErrorDetails = {},
): LastgoodError {
  const what = location === undefined ? `the JSON Schema ${path}` : 'this JSON Schema';
  const details = { location: location ?? namedAt, cause };
  return new LastgoodError('LG_SETTINGS_SCHEMA', [what, reason], details);
}

function isSchema(value: unknown): value is SchemaData {
  if (typeof value === 'boolean') return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

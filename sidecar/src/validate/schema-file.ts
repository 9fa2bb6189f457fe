import { readFile } from 'node:fs/promises';
import type { AnySchemaObject } from 'ajv';
import { LastgoodError, reasonOf } from '../errors.ts';
import { decode } from '../formats/decode.ts';
import type { Document, Problem } from '../formats/format.ts';
import { formatOfPath } from '../formats/formats.ts';
import { findingOfProblem } from '../formats/problem.ts';
import { yaml } from '../formats/yaml.ts';

/** A JSON Schema as data: `true` allows everything and `false` nothing. */
export type SchemaData = AnySchemaObject | boolean;

/** A schema, and where each part of it stands in its file. */
export type SchemaDocument = Document & { readonly value: SchemaData };

/** Reads a schema file, JSON or YAML. Rejects with `LG_SETTINGS_SCHEMA`, at the line that is wrong. */
export async function readSchema(path: string): Promise<SchemaDocument> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new LastgoodError('LG_SETTINGS_SCHEMA', [path, reasonOf(cause)], { cause });
  });
  const named = formatOfPath(path);
  // Whatever its name, a schema is never plain text; nearly all JSON is YAML as well.
  const format = named.name === 'text' ? yaml : named;
  const decoded = decode(bytes);
  const parsed = decoded.ok ? format.parse(decoded.text) : decoded;
  if (!parsed.ok) throw unusable(path, parsed.problems);
  const [document, ...others] = parsed.documents;
  if (document === undefined || others.length > 0)
    throw new LastgoodError('LG_SETTINGS_SCHEMA', [path, 'it must be one document']);
  const { value, locate } = document;
  if (!isSchema(value))
    throw new LastgoodError('LG_SETTINGS_SCHEMA', [path, 'it must be an object, true or false']);
  return { value, locate };
}

function unusable(path: string, problems: readonly Problem[]): LastgoodError {
  const [finding] = problems.map((problem) => findingOfProblem(problem, path, false));
  const { message = 'it cannot be parsed', location } = finding ?? {};
  return new LastgoodError(
    'LG_SETTINGS_SCHEMA',
    [path, message],
    location === undefined ? {} : { location },
  );
}

function isSchema(value: unknown): value is SchemaData {
  if (typeof value === 'boolean') return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

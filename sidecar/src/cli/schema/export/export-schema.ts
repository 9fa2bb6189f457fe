import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findingOf, reasonOf } from '@lastgood/core/model/error.ts';
import { quote } from '@lastgood/core/model/quote.ts';
import { toJsonSchema } from '@lastgood/core/schema/to-json-schema.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { importModule, isStandardSchema } from '../../../checks/json-schema/module.ts';
import { relaxSchema } from '../../../checks/json-schema/relax.ts';
import {
  isModule,
  type SchemaIssue,
  schemaIssue,
  subjectOf,
} from '../../../checks/json-schema/schema-file.ts';
import { suggestion } from '../../../settings/did-you-mean.ts';
import { type CommandResult, unusable, wrongUsage } from '../../command.ts';

/**
 * Runs a module, and prints one of its schemas as JSON Schema, as the sidecar reads it. Never rejects.
 *
 * @param name - of the export; undefined: `default`, else the only one
 */
export async function exportSchema(path: string, name: string | undefined): Promise<CommandResult> {
  const absolute = resolve(path);
  if (!isModule(absolute)) return wrongUsage(`${path} is not a .ts, .mts, .js or .mjs file`);
  try {
    await readFile(absolute);
  } catch (thrown) {
    return unusable([findingOf('LG_INPUT_UNREADABLE', [reasonOf(thrown)], { file: path })]);
  }
  const read = await importModule(absolute);
  if (!read.ok) return failed(path, read.issues);
  const schemas = new Map(
    Object.entries(read.exports).filter((entry): entry is [string, StandardSchemaV1] =>
      isStandardSchema(entry[1]),
    ),
  );
  const schema = choose(schemas, name);
  if (typeof schema === 'string') return wrongUsage(`${path} ${schema}`);
  const converted = toJsonSchema(schema);
  if (!converted.ok) return failed(path, [schemaIssue(converted.reason)]);
  const output = `${JSON.stringify(relaxSchema(converted.schema), null, 2)}\n`;
  return { end: 'good', output, findings: [] };
}

/** The schema to print, or why it is not clear which one. */
function choose(
  schemas: ReadonlyMap<string, StandardSchemaV1>,
  name: string | undefined,
): StandardSchemaV1 | string {
  const names = [...schemas.keys()];
  const [only, ...others] = schemas.values();
  if (only === undefined)
    return 'exports no Standard Schema, such as one of zod, valibot or arktype';
  const chosen = schemas.get(name ?? 'default');
  if (chosen !== undefined) return chosen;
  const list = `it exports ${names.join(', ')}`;
  if (name !== undefined)
    return `exports no schema ${quote(name)}${suggestion(name, names) || `; ${list}`}`;
  return others.length === 0 ? only : `exports several schemas; ${list}: choose one with --export`;
}

function failed(path: string, issues: readonly SchemaIssue[]): CommandResult {
  const findings = issues.map((issue) => {
    const { code, args, at = { file: path } } = issue;
    const location = at.file === resolve(path) ? { ...at, file: path } : at;
    return findingOf(code, [subjectOf(issue, path), ...args], location);
  });
  return { end: 'bad', output: '', findings };
}

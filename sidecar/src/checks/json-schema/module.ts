import { pathToFileURL } from 'node:url';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { issueOfImport } from './import-issue.ts';
import { importCached } from './module-cache.ts';
import { type SchemaIssue, schemaIssue } from './schema-file.ts';

export type ModuleRead =
  | { readonly ok: true; readonly schema: StandardSchemaV1 }
  | { readonly ok: false; readonly issues: readonly SchemaIssue[] };

/**
 * Runs a schema module, TypeScript too, and takes its `default` export, else its export `schema`. It
 * fails if the module cannot be read or run, if a package that it imports is not found from its real
 * path, or if the export is not a Standard Schema. A process runs a module once, and each thread runs it
 * again. Never rejects.
 *
 * Source: https://standardschema.dev, version 1.
 */
export async function readModule(path: string): Promise<ModuleRead> {
  try {
    return exported(await importCached(pathToFileURL(path).href));
  } catch (cause) {
    return failed(await issueOfImport(cause, path));
  }
}

function exported(module: Readonly<Record<string, unknown>>): ModuleRead {
  const name = 'default' in module ? 'default' : 'schema';
  if (!(name in module)) return failed(schemaIssue('it has no default export'));
  const schema = module[name];
  if (isStandardSchema(schema)) return { ok: true, schema };
  const reason = `its export ${name} is not a Standard Schema, such as one of zod, valibot or arktype`;
  return failed(schemaIssue(reason));
}

/** ArkType's schemas are functions. */
function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { '~standard': standard } = value as Partial<StandardSchemaV1>;
  return standard?.version === 1 && typeof standard.validate === 'function';
}

function failed(issue: SchemaIssue): ModuleRead {
  return { ok: false, issues: [issue] };
}

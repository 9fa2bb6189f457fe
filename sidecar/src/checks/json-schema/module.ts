import { pathToFileURL } from 'node:url';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { problemOfImport } from './import-problem.ts';
import { importCached } from './module-cache.ts';
import type { SchemaProblem } from './schema-file.ts';

export type ModuleRead =
  | { readonly ok: true; readonly schema: StandardSchemaV1 }
  | { readonly ok: false; readonly problems: readonly SchemaProblem[] };

/**
 * Runs a module, TypeScript by stripping its types, and takes what it exports as `default`, else as
 * `schema`. It has a problem when it cannot be read or run, when a package that it imports is not
 * found from where it really stands, or when what it exports is no Standard Schema. A process runs a
 * module once, and again in each thread. Never rejects.
 *
 * Source: https://standardschema.dev, version 1.
 */
export async function readModule(path: string): Promise<ModuleRead> {
  try {
    return exported(await importCached(pathToFileURL(path).href));
  } catch (cause) {
    return failed(await problemOfImport(cause, path));
  }
}

function exported(module: Readonly<Record<string, unknown>>): ModuleRead {
  const name = 'default' in module ? 'default' : 'schema';
  if (!(name in module)) return failed({ reason: 'it has no default export' });
  const schema = module[name];
  if (isStandardSchema(schema)) return { ok: true, schema };
  const reason = `its export ${name} is no Standard Schema, as zod, valibot and arktype make them`;
  return failed({ reason });
}

/** ArkType's schemas are functions. */
function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { '~standard': standard } = value as Partial<StandardSchemaV1>;
  return standard?.version === 1 && typeof standard.validate === 'function';
}

function failed(problem: SchemaProblem): ModuleRead {
  return { ok: false, problems: [problem] };
}

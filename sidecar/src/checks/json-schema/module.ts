import { readFile, realpath } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { reasonOf } from '@lastgood/core/model/error.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { importCached } from './module-cache.ts';
import { failed, type SchemaRead } from './schema-file.ts';

type ModuleRead = SchemaRead<{ readonly schema: StandardSchemaV1 }>;

/**
 * Runs a schema module, TypeScript too, and takes its `default` export, else its export `schema`. It
 * fails if the module cannot be read or run, if a package that it imports is not found from its real
 * path, or if the export is not a Standard Schema. A process runs a module once, and each thread runs it
 * again. Never rejects.
 *
 * Source: https://standardschema.dev, version 1.
 */
export async function readModule(path: string): Promise<ModuleRead> {
  const read = await importModule(path);
  return read.ok ? exported(read.exports) : read;
}

/** What a module exports, by name. */
type Exports = Readonly<Record<string, unknown>>;

/** Runs a module, TypeScript too. Never rejects. */
export async function importModule(
  path: string,
): Promise<SchemaRead<{ readonly exports: Exports }>> {
  try {
    return { ok: true, exports: await importCached(pathToFileURL(path).href) };
  } catch (cause) {
    return failedImport(cause, path);
  }
}

function exported(module: Exports): ModuleRead {
  const name = 'default' in module ? 'default' : 'schema';
  if (!(name in module)) return failed('it has no default export');
  const schema = module[name];
  if (isStandardSchema(schema)) return { ok: true, schema };
  const reason = `its export ${name} is not a Standard Schema, such as one of zod, valibot or arktype`;
  return failed(reason);
}

/** ArkType's schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  const { '~standard': standard } = value as Partial<StandardSchemaV1>;
  return standard?.version === 1 && typeof standard.validate === 'function';
}

interface Module {
  /** As the settings name it. */
  readonly path: string;
  /** Its path with all links resolved, as in a volume: Node reports this one. */
  readonly real: string;
}

/** Why a module cannot be imported, at its line if Node reports one. Never rejects. */
async function failedImport(cause: unknown, path: string): Promise<SchemaRead<never>> {
  try {
    const module = { path, real: await realpath(path) };
    if (!(cause instanceof Error))
      return failed('it throws a value that is not an Error', undefined, cause);
    const reason = missingPackage(cause) ?? cause.message.split('\n', 1)[0] ?? '';
    const location = locationIn(cause, module) ?? (await locationOfSyntaxError(cause, module));
    return failed(reason, location, cause);
  } catch (missing) {
    return failed(reasonOf(missing), undefined, missing);
  }
}

/** The message for an import, and for a `require`. */
const MISSING_PACKAGE = /^Cannot find (?:package|module) '([^'./][^']*)'(?: imported from (.+))?/;

/** Node searches a package only in `node_modules` beside the module and above it. */
function missingPackage({ message }: Error): string | undefined {
  const [found, name, from] = MISSING_PACKAGE.exec(message) ?? [];
  if (found === undefined) return undefined;
  const where = from === undefined ? '' : ` from ${dirname(from)}`;
  return `it cannot find package "${name}"${where}; bundle it into the module, for example with esbuild --bundle`;
}

/** For a syntax error, Node puts lines of the file above the stack, and marks the position with carets. */
const MARKED = /^(\S*):(\d+)\n(?:.*\n)*?( *)\^+\n/;

function locationIn({ stack = '' }: Error, module: Module): Location | undefined {
  const [marked, file = '', line, indent = ''] = MARKED.exec(stack) ?? [];
  if (marked !== undefined)
    return locationOf({ file, line: Number(line), column: indent.length + 1 }, module);
  const calls = stack.matchAll(/(file:\S+|\/\S+):(\d+):(\d+)\)?$/gm);
  for (const [, called = '', row, column] of calls)
    if (pathIn(called) === module.real)
      return locationOf({ file: called, line: Number(row), column: Number(column) }, module);
  return undefined;
}

/** V8 does not report the position of a syntax error in a module; Node's parser of TypeScript does. */
async function locationOfSyntaxError(error: Error, module: Module): Promise<Location | undefined> {
  if (!(error instanceof SyntaxError)) return undefined;
  try {
    stripTypeScriptTypes(await readFile(module.real, 'utf8'));
  } catch (thrown) {
    return thrown instanceof SyntaxError ? locationIn(thrown, module) : undefined;
  }
  // The error is in another file, which this one imports.
  return undefined;
}

function locationOf(position: Required<Location>, { path, real }: Module): Location {
  const file = pathIn(position.file) || real;
  return { ...position, file: file === real ? path : file };
}

function pathIn(written: string): string {
  return written.startsWith('file:') ? fileURLToPath(written) : written;
}

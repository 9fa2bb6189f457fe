import { readFile, realpath } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '@lastgood/core/model/error.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import type { SchemaProblem } from './schema-file.ts';

interface Module {
  /** As the settings name it. */
  readonly path: string;
  /** Where it stands when all links are followed, as in a volume: Node names it by this. */
  readonly real: string;
}

/** Why a module cannot be imported, at its line where Node tells it. Never rejects. */
export async function problemOfImport(cause: unknown, path: string): Promise<SchemaProblem> {
  try {
    return await problemIn({ path, real: await realpath(path) }, cause);
  } catch (missing) {
    return { reason: reasonOf(missing), cause: missing };
  }
}

async function problemIn(module: Module, cause: unknown): Promise<SchemaProblem> {
  if (!(cause instanceof Error)) return { reason: 'it throws what is no error', cause };
  const reason = missingPackage(cause) ?? firstLineOf(cause.message);
  const location = placeIn(cause, module) ?? (await placeOfSyntaxError(cause, module));
  return { reason, location, cause };
}

/** For an import, and for a `require`. */
const MISSING_PACKAGE = /^Cannot find (?:package|module) '([^'./][^']*)'(?: imported from (.+))?/;

/** A package is looked for in `node_modules` beside the module and above it, and nowhere else. */
function missingPackage({ message }: Error): string | undefined {
  const [found, name, from] = MISSING_PACKAGE.exec(message) ?? [];
  if (found === undefined) return undefined;
  const where = from === undefined ? '' : ` from ${dirname(from)}`;
  return `it cannot find package "${name}"${where}; bundle it into the module, for example with esbuild --bundle`;
}

/** Of a syntax error, Node puts lines of the file above the stack, and marks the place with carets. */
const MARKED = /^(\S*):(\d+)\n(?:.*\n)*?( *)\^+\n/;

function placeIn({ stack = '' }: Error, module: Module): Location | undefined {
  const [marked, file = '', line, indent = ''] = MARKED.exec(stack) ?? [];
  if (marked !== undefined)
    return locationOf({ file, line: Number(line), column: indent.length + 1 }, module);
  const calls = stack.matchAll(/(file:\S+|\/\S+):(\d+):(\d+)\)?$/gm);
  for (const [, called = '', row, column] of calls)
    if (pathIn(called) === module.real)
      return locationOf({ file: called, line: Number(row), column: Number(column) }, module);
  return undefined;
}

/** V8 keeps the place of a syntax error in a module to itself. Node's parser of TypeScript tells it. */
async function placeOfSyntaxError(error: Error, module: Module): Promise<Location | undefined> {
  if (!(error instanceof SyntaxError)) return undefined;
  try {
    stripTypeScriptTypes(await readFile(module.real, 'utf8'));
  } catch (thrown) {
    return thrown instanceof SyntaxError ? placeIn(thrown, module) : undefined;
  }
  // It is in another file, which this one imports.
  return undefined;
}

function locationOf(place: Required<Location>, { path, real }: Module): Location {
  const file = pathIn(place.file) || real;
  return { ...place, file: file === real ? path : file };
}

function pathIn(written: string): string {
  return written.startsWith('file:') ? fileURLToPath(written) : written;
}

function firstLineOf(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

import { readFile, realpath } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '@lastgood/core/model/error.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import { type SchemaIssue, schemaIssue } from './schema-file.ts';

interface Module {
  /** As the settings name it. */
  readonly path: string;
  /** Its path with all links resolved, as in a volume: Node reports this one. */
  readonly real: string;
}

/** Why a module cannot be imported, at its line if Node reports one. Never rejects. */
export async function issueOfImport(cause: unknown, path: string): Promise<SchemaIssue> {
  try {
    return await issueIn({ path, real: await realpath(path) }, cause);
  } catch (missing) {
    return schemaIssue(reasonOf(missing), undefined, missing);
  }
}

async function issueIn(module: Module, cause: unknown): Promise<SchemaIssue> {
  if (!(cause instanceof Error))
    return schemaIssue('it throws a value that is not an Error', undefined, cause);
  const reason = missingPackage(cause) ?? cause.message.split('\n', 1)[0] ?? '';
  const location = locationIn(cause, module) ?? (await locationOfSyntaxError(cause, module));
  return schemaIssue(reason, location, cause);
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

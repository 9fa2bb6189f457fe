import { brokenSchema, locateIssues } from '@lastgood/core/model/issue.ts';
import type { ErrorObject } from 'ajv';
import type { SchemaSettings } from '../../settings/settings.ts';
import { formatError, formatSealedError, namesIn, valuePathOf } from './ajv-errors.ts';
import { costOf } from './cheap-schema.ts';
import { type CompileOptions, type Examined, errorsOf, examineSchema } from './compile.ts';
import { readModule } from './module.ts';
import { lenientPatterns } from './regular-expression.ts';
import { issuesOf, type SchemaCheck, schemaFault } from './schema-check.ts';
import { isModule, type ReadSchema, readFrom, unusable } from './schema-file.ts';
import { standardCheck } from './standard.ts';
import { subschemasOf } from './walk.ts';

/** A file with more errors takes too long to check, whether or not alternatives accept it. */
const MAX_ERRORS = 2_000_000;

/**
 * Reads and compiles a schema file and those that it refers to, or runs a schema module. Rejects with
 * `LG_SETTINGS_SCHEMA` if it cannot be used: at the line that is wrong, else at the line of the
 * settings that names it.
 */
export async function loadSchema(
  settings: SchemaSettings,
  read: ReadSchema,
  options?: CompileOptions,
): Promise<SchemaCheck> {
  if (isModule(settings.path)) {
    const module = await readModule(settings.path);
    if (!module.ok) throw unusable(settings, module.issues);
    return standardCheck(module.schema);
  }
  const examined = await examineSchema(settings.path, read, options);
  if (!examined.ok) throw unusable(settings, examined.issues);
  return checkOf(examined);
}

/**
 * Compiles the relaxed schema of an app from its text; it must not refer to a file. Resolves with the reason
 * if it cannot be used. Rejects only with `TooHeavyHere`.
 */
export async function loadAppSchema(
  path: string,
  text: Buffer,
  withinMs?: number,
): Promise<{ readonly check: SchemaCheck } | { readonly reason: string }> {
  const read = readFrom(new Map([[path, text]]));
  const examined = await examineSchema(path, read, { isOfApp: true, withinMs });
  if (examined.ok) return { check: checkOf(examined) };
  return { reason: String(examined.issues[0]?.args[0]) };
}

function checkOf(examined: Extract<Examined, { readonly ok: true }>): SchemaCheck {
  const { files } = examined;
  const named = namesIn(files.map(({ value }) => value));
  const check = (value: unknown, sealed: boolean, maxErrors = MAX_ERRORS) => {
    const found = errorsOf(value, examined, maxErrors);
    if (found === undefined) return schemaFault('the schema refers to itself without end');
    const issueOf = (error: ErrorObject) => {
      const message = sealed ? formatSealedError(error, value, named) : formatError(error, value);
      return brokenSchema(message, valuePathOf(error));
    };
    return { ...issuesOf(found.errors, issueOf, found.leftOut), value };
  };
  const warnings = files.flatMap(({ path, value, base, locate }) =>
    locateIssues(
      lenientPatterns(subschemasOf(value, base)),
      { path, secret: false },
      ({ pointer, part }) => locate(pointer, part),
    ),
  );
  const cost = costOf(files);
  return Object.assign(check, { warnings, ...(Number.isFinite(cost) && { cost }) });
}

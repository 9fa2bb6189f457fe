import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { SchemaSettings } from '../../settings/settings.ts';
import { isCheapToCheck } from './cheap-schema.ts';
import { examineSchema, type SchemaOptions } from './compile.ts';
import { dedupeErrors } from './dedupe-errors.ts';
import { instancePathOf } from './instance-path.ts';
import { readModule } from './module.ts';
import { brokenSchema, issuesOf, type SchemaCheck, schemaFault } from './schema-check.ts';
import { isModule, type ReadSchema, unusable } from './schema-file.ts';
import { standardCheck } from './standard.ts';
import { createWording } from './wording.ts';

/**
 * Reads and compiles a schema file and those that it refers to, or runs a schema module. Rejects with
 * `LG_SETTINGS_SCHEMA` if it cannot be used: at the line that is wrong, else at the line of the
 * settings that names it.
 */
export async function loadSchema(
  settings: SchemaSettings,
  read: ReadSchema,
  options?: SchemaOptions,
): Promise<SchemaCheck> {
  if (!isModule(settings.path)) return loadJsonSchema(settings, read, options);
  const module = await readModule(settings.path);
  if (!module.ok) throw unusable(settings, module.issues);
  return standardCheck(module.schema);
}

async function loadJsonSchema(
  settings: SchemaSettings,
  read: ReadSchema,
  options?: SchemaOptions,
): Promise<SchemaCheck> {
  const examined = await examineSchema(settings.path, read, options);
  if (!examined.ok) throw unusable(settings, examined.issues);
  const { validate, files } = examined;
  const wording = createWording(files.map(({ value }) => value));
  const check = (value: unknown, sealed: boolean) => {
    const errors = errorsOf(value, validate);
    if (errors === undefined) return schemaFault('the schema refers to itself without end');
    const issueOf = (error: ErrorObject) =>
      brokenSchema(sealed ? wording.sealed(error, value) : wording.open(error), pathOf(error));
    return { ...issuesOf(errors, issueOf), value };
  };
  return Object.assign(check, { isCheap: isCheapToCheck(files) });
}

function pathOf(error: ErrorObject): ValuePath {
  const path = instancePathOf(error);
  if (error.keyword !== 'required') return path;
  return { ...path, missing: String(error.params.missingProperty) };
}

/** Undefined if a `$ref` leads back to itself at the same value: no value is deep enough for that. */
function errorsOf(value: unknown, validate: ValidateFunction): readonly ErrorObject[] | undefined {
  try {
    if (validate(value)) return [];
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  const errors = validate.errors ?? [];
  // ajv would otherwise keep the errors, and so the values, until the next validation.
  validate.errors = null;
  return dedupeErrors(errors);
}

import type { ErrorObject, ValidateFunction } from 'ajv';
import type { SchemaSettings } from '../../settings/settings.ts';
import type { Violation } from '../violation.ts';
import { isCheapToCheck } from './cheap-schema.ts';
import { examineSchema, type SchemaOptions } from './compile.ts';
import { dedupeErrors } from './dedupe-errors.ts';
import { instancePathOf } from './instance-path.ts';
import { readModule } from './module.ts';
import { faulty, type SchemaCheck, worded } from './schema-check.ts';
import { isModule, type ReadSchema, unusable } from './schema-file.ts';
import { standardCheck } from './standard.ts';
import { createWording } from './wording.ts';

/**
 * Reads and compiles a schema file and those that it refers to, or runs the module that makes a
 * schema. Rejects with `LG_SETTINGS_SCHEMA` when it cannot be used: at the line that is wrong, else
 * where the settings name it.
 */
export async function loadSchema(
  settings: SchemaSettings,
  read: ReadSchema,
  options?: SchemaOptions,
): Promise<SchemaCheck> {
  return isModule(settings.path) ? loadModule(settings) : loadJsonSchema(settings, read, options);
}

async function loadModule(settings: SchemaSettings): Promise<SchemaCheck> {
  const module = await readModule(settings.path);
  if (!module.ok) throw unusable(settings, module.problems);
  return standardCheck(module.schema);
}

async function loadJsonSchema(
  settings: SchemaSettings,
  read: ReadSchema,
  options?: SchemaOptions,
): Promise<SchemaCheck> {
  const examined = await examineSchema(settings.path, read, options);
  if (!examined.ok) throw unusable(settings, examined.problems);
  const { validate, files } = examined;
  const wording = createWording(files.map(({ value }) => value));
  const check = (value: unknown, sealed: boolean) => {
    const errors = errorsOf(value, validate);
    if (errors === undefined) return faulty('the schema refers to itself without end');
    const found = worded(errors, (error) => ({
      ...instancePathOf(error),
      ...missingOf(error),
      message: sealed ? wording.sealed(error, value) : wording.open(error),
    }));
    return { ...found, value };
  };
  return Object.assign(check, { isCalm: isCheapToCheck(files) });
}

function missingOf({ keyword, params }: ErrorObject): Pick<Violation, 'missing'> {
  return keyword === 'required' ? { missing: String(params.missingProperty) } : {};
}

/** Undefined where a `$ref` leads back to itself at the same value: no value is deep enough for that. */
function errorsOf(value: unknown, validate: ValidateFunction): readonly ErrorObject[] | undefined {
  try {
    if (validate(value)) return [];
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
  const errors = validate.errors ?? [];
  // ajv would hold on to the errors, and so to the values, until the next validation.
  validate.errors = null;
  return dedupeErrors(errors);
}

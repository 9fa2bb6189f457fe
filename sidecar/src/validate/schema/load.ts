import type { ErrorObject, ValidateFunction } from 'ajv';
import type { SchemaSettings } from '../../settings/settings.ts';
import type { Violation, Violations } from '../violation.ts';
import { examineSchema, type SchemaOptions } from './compile.ts';
import { withoutEchoes } from './echoes.ts';
import { type ReadSchema, unusable } from './file.ts';
import { placeOf } from './place.ts';
import { createWording } from './wording.ts';

/** Holds a value against a schema, and finds everything that breaks it. */
export type SchemaCheck = (value: unknown, sealed: boolean) => Violations;

/**
 * Of a value that is wrong in more places, the first so many in the schema's order are worded, and
 * the rest is counted. A wrong type in each row of a large table would else cost more memory than a
 * small pod has.
 */
const MAX_WORDED = 1000;

/**
 * Reads and compiles a schema file and those that it refers to. Rejects with `LG_SETTINGS_SCHEMA`
 * when it cannot be used: at the line that is wrong, else where the settings name it.
 */
export async function loadSchema(
  settings: SchemaSettings,
  read: ReadSchema,
  options?: SchemaOptions,
): Promise<SchemaCheck> {
  const examined = await examineSchema(settings.path, read, options);
  if (!examined.ok) throw unusable(settings, examined.problems);
  const { validate, files } = examined;
  const wording = createWording(files.map(({ value }) => value));
  return (value, sealed) => {
    const errors = errorsOf(value, validate);
    const violations = errors.slice(0, MAX_WORDED).map((error) => ({
      ...placeOf(error),
      ...missingOf(error),
      message: sealed ? wording.sealed(error, value) : wording.open(error),
    }));
    return { violations, leftOut: errors.length - violations.length };
  };
}

function missingOf({ keyword, params }: ErrorObject): Pick<Violation, 'missing'> {
  return keyword === 'required' ? { missing: String(params.missingProperty) } : {};
}

function errorsOf(value: unknown, validate: ValidateFunction): readonly ErrorObject[] {
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  // ajv would hold on to the errors, and so to the values, until the next validation.
  validate.errors = null;
  return withoutEchoes(errors);
}

import type { Ajv, ValidateFunction } from 'ajv';

/** The drafts of JSON Schema that a schema may be written in. */
export const DRAFTS = {
  draft07: 'http://json-schema.org/draft-07/schema',
  draft2020: 'https://json-schema.org/draft/2020-12/schema',
} as const;

export type Draft = (typeof DRAFTS)[keyof typeof DRAFTS];

/**
 * The validator for schemas themselves, by the draft's own schema. `npm run build` replaces this function
 * with compiled code: compiling it takes a fifth of the time to ready.
 */
export function schemaOfSchemas(draft: Draft, ajv: Ajv): ValidateFunction {
  const validate = ajv.getSchema(draft);
  if (validate === undefined) throw new RangeError(`${draft} is not known`);
  return validate;
}

import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { SchemaData } from './schema-file.ts';
import { subschemasOf } from './walk.ts';

/** Keywords that refuse more, the less the schemas in them refuse. */
const INVERSE = ['if', 'then', 'else', 'maxContains'];

/**
 * A copy of an app's schema that refuses only what each reader of it refuses: a format is an annotation, as
 * the drafts say, since `date-time` of zod takes what that of ajv does not. So several alternatives of a
 * `oneOf` may fit, and what depends on a value that does not fit is left out.
 */
export function relaxSchema(schema: SchemaData): SchemaData {
  const copy = structuredClone(schema);
  for (const { schema: each } of subschemasOf(copy, '')) relax(each as Record<string, unknown>);
  return copy;
}

function relax(schema: Record<string, unknown>): void {
  const { oneOf } = schema;
  delete schema.oneOf;
  if (Array.isArray(oneOf) && schema.anyOf === undefined) schema.anyOf = oneOf;
  else if (Array.isArray(oneOf))
    schema.allOf = [...(Array.isArray(schema.allOf) ? schema.allOf : []), { anyOf: oneOf }];
  delete schema.format;
  for (const keyword of INVERSE) delete schema[keyword];
  if (!isExact(schema.not)) delete schema.not;
}

/** Whether a schema means the same to each reader. */
function isExact(schema: unknown): boolean {
  if (!isMapping(schema)) return true;
  return Object.entries(schema).every(([keyword, value]) =>
    keyword === 'anyOf'
      ? Array.isArray(value) && value.every(isExact)
      : ['const', 'enum', 'type'].includes(keyword),
  );
}

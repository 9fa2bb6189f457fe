import * as z from 'zod/mini';

/** Gives a key the sentence that editors show. */
export function key<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  return schema.check(z.describe(description)) as Schema;
}

/** A key that may be left out; `fallback` is written as the user would write it. */
export function or<Schema extends z.ZodMiniType>(fallback: z.input<Schema>, schema: Schema) {
  return z.prefault(schema, fallback as never);
}

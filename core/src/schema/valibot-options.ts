import { hasLooseFlag } from './loose-flag.ts';

type JsonSchema = Record<string, unknown>;

interface ActionContext {
  readonly valibotAction: {
    readonly kind: string;
    readonly type: string;
    readonly requirement?: unknown;
  };
  /** To be changed in place. */
  readonly jsonSchema: JsonSchema;
}

interface SchemaContext {
  readonly valibotSchema: object;
  readonly jsonSchema: JsonSchema;
}

/** Transformations that return the value as it is. */
const KEEPING = ['brand', 'flavor', 'readonly'];

/**
 * Options of valibot's `toJsonSchema`. By default it throws at what JSON Schema cannot say, such as `trim`,
 * and it does not know that `trim` comes before a check of the length.
 *
 * Source: valibot packages/to-json-schema/src/converters.
 */
export function valibotOptions(): Record<string, unknown> {
  /** By the schema of a pipe that has changed the value: the schema as it was by then. */
  const before = new Map<JsonSchema, JsonSchema>();
  const overrideAction = ({ valibotAction, jsonSchema }: ActionContext) => {
    const { kind, type, requirement } = valibotAction;
    const kept = before.get(jsonSchema);
    if (kept !== undefined) restore(jsonSchema, kept);
    else if (kind === 'transformation' && !KEEPING.includes(type))
      before.set(jsonSchema, { ...jsonSchema });
    if (requirement instanceof RegExp && hasLooseFlag(requirement.flags)) delete jsonSchema.pattern;
  };
  return { errorMode: 'ignore', overrideAction, overrideSchema };
}

function restore(jsonSchema: JsonSchema, kept: JsonSchema): void {
  for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
  Object.assign(jsonSchema, kept);
}

/** With `fallback`, a schema takes any value. */
function overrideSchema({ valibotSchema, jsonSchema }: SchemaContext): JsonSchema | undefined {
  if ('fallback' in valibotSchema) return {};
  // The converter does not call this function for a pipe, and does not look at its fallback.
  if (partsOf(valibotSchema).some(isPipeWithFallback))
    throw new TypeError('a pipe has a fallback, which JSON Schema cannot say');
  // An item may be missing, if it is optional.
  if ('items' in valibotSchema) delete jsonSchema.minItems;
  const { entries = {} } = valibotSchema as { readonly entries?: Record<string, object> };
  const required = (jsonSchema.required ?? []) as readonly string[];
  // The fallback replaces a missing key too.
  const needed = required.filter((key) => !('fallback' in (entries[key] ?? {})));
  return required.length === needed.length ? jsonSchema : { ...jsonSchema, required: needed };
}

/** Of itself, or of a pipe in it. */
function isPipeWithFallback(schema: object): boolean {
  if (!('pipe' in schema && Array.isArray(schema.pipe))) return false;
  return 'fallback' in schema || schema.pipe.some(isPipeWithFallback);
}

/** The schemas directly in a schema. */
function partsOf(schema: object): readonly object[] {
  const { entries = {}, items = [], options = [], ...others } = schema as Record<string, object>;
  const { item, rest, key, value, wrapped, getter } = others;
  // Of `lazy`.
  const result: unknown = typeof getter === 'function' ? getter() : undefined;
  const all = [entries, items, options].flatMap((each) => Object.values(each));
  return [...all, item, rest, key, value, wrapped, result].filter(
    (each) => typeof each === 'object' && each !== null,
  );
}

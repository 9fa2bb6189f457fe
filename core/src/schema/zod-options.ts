import { hasLooseFlag } from './loose-flag.ts';

/** What is used of a schema of zod 4. */
interface ZodSchema {
  readonly _zod: {
    readonly def: ZodDef;
    readonly pattern?: unknown;
    readonly bag?: { readonly patterns?: Iterable<unknown> };
  };
}

interface ZodDef {
  readonly type: string;
  readonly coerce?: boolean;
  readonly pattern?: unknown;
  /** Of a pipe. */
  readonly in?: ZodSchema;
  /** Of a wrapper, such as `nullable`. */
  readonly innerType?: ZodSchema;
  /** Of a union. */
  readonly options?: readonly ZodSchema[];
  /** Of an object. */
  readonly shape?: Readonly<Record<string, ZodSchema>>;
  /** Of a record. */
  readonly mode?: string;
  /** Of a text. */
  readonly format?: string;
  readonly checks?: readonly {
    readonly _zod: {
      readonly def: { readonly check: string; readonly pattern?: unknown; readonly fn?: unknown };
    };
  }[];
}

interface Context {
  readonly zodSchema: ZodSchema;
  /** To be changed in place. */
  readonly jsonSchema: Record<string, unknown>;
}

/**
 * Options of zod's `toJSONSchema`. By default it describes `z.coerce.number()` as a number, though it takes
 * a text, and `z.string().trim().max(3)` as a text of three characters, though it takes spaces around them.
 *
 * Source: zod packages/zod/src/v4/core/to-json-schema.ts.
 */
export function zodOptions(): Record<string, unknown> {
  return { unrepresentable: 'any', override };
}

function override({ zodSchema, jsonSchema }: Context): void {
  const { def } = zodSchema._zod;
  if (takesAll(def)) remove(jsonSchema, Object.keys(jsonSchema));
  if (def.coerce === true) delete jsonSchema.type;
  if (changesValue(def)) {
    remove(jsonSchema, BOUNDS);
    if (jsonSchema.type === 'integer') jsonSchema.type = 'number';
  }
  if (def.type === 'object') dropOptional(jsonSchema, (key) => def.shape?.[key]);
  // Items and keys may be missing if their schema takes nothing, and of a loose record others may be anything.
  if (def.type === 'tuple') delete jsonSchema.minItems;
  if (def.type === 'record') delete jsonSchema.required;
  if (def.mode === 'loose')
    remove(jsonSchema, ['patternProperties', 'propertyNames', 'additionalProperties']);
  // A key that one side names is not unknown to the other.
  if (def.type === 'intersection' && isClosed(jsonSchema.allOf)) remove(jsonSchema, ['allOf']);
  if (CHECKED_BY_CODE.includes(def.format ?? '')) remove(jsonSchema, PATTERNS);
  if (patternsOf(zodSchema).some((pattern) => hasLooseFlag(pattern.flags)))
    remove(jsonSchema, PATTERNS);
}

/** A conversion may take any value, and so may what falls back to another one. */
function takesAll({ type, in: first }: ZodDef): boolean {
  return ['catch', 'success'].includes(type) || first?._zod.def.type === 'transform';
}

/** Formats that zod gives a pattern, and does not check with it. */
const CHECKED_BY_CODE = ['base64', 'base64url', 'cidrv6', 'ipv6', 'jwt', 'url'];

const CLOSED = /"additionalProperties":false|"propertyNames":(?!\{"type":"string"\})|"\$ref":/;

/** Whether a schema refuses unknown keys, or refers to another one. */
function isClosed(schema: unknown): boolean {
  return CLOSED.test(JSON.stringify(schema) ?? '');
}

/** Leaves out keys that may be missing, though zod lists them as required. */
function dropOptional(
  jsonSchema: Record<string, unknown>,
  schemaOf: (key: string) => ZodSchema | undefined,
): void {
  const { required } = jsonSchema;
  if (!Array.isArray(required)) return;
  const needed = required.filter((key) => !mayTakeNothing(schemaOf(key)));
  if (needed.length < required.length) jsonSchema.required = needed;
}

/** Whether a schema may take `undefined`. */
function mayTakeNothing(schema: ZodSchema | undefined): boolean {
  if (schema === undefined) return true;
  const { def } = schema._zod;
  if (takesAll(def) || def.coerce === true || UNTYPED.includes(def.type)) return true;
  const inner = def.innerType ?? def.in;
  return (
    (inner !== undefined && mayTakeNothing(inner)) || def.options?.some(mayTakeNothing) === true
  );
}

/** Their type is not checked, or by code. */
const UNTYPED = ['any', 'unknown', 'custom', 'transform', 'lazy', 'undefined', 'void', 'literal'];

/** `trim` and the like change the value before the checks that come after them, and JSON Schema cannot say so. */
function changesValue({ checks = [] }: ZodDef): boolean {
  return checks.some(({ _zod: { def } }) => {
    const isOwnCode = def.check === 'custom' && def.fn === undefined;
    return def.check === 'overwrite' || isOwnCode;
  });
}

/** zod leaves out the flags. */
function patternsOf({ _zod: { def, pattern, bag } }: ZodSchema): readonly RegExp[] {
  const ofChecks = (def.checks ?? []).map((check) => check._zod.def.pattern);
  const all = [def.pattern, pattern, ...ofChecks, ...(bag?.patterns ?? [])];
  return all.filter((each) => each instanceof RegExp);
}

const PATTERNS = ['pattern', 'allOf'];

const BOUNDS = [
  ...PATTERNS,
  ...['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
];

function remove(jsonSchema: Record<string, unknown>, keys: readonly string[]): void {
  for (const key of keys) delete jsonSchema[key];
}

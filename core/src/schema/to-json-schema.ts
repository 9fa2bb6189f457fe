import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import { reasonOf } from '../model/error.ts';
import { tryTo } from '../model/try-to.ts';
import { hasLooseFlag } from './loose-flag.ts';
import { valibotOptions } from './valibot-options.ts';
import { zodOptions } from './zod-options.ts';

/** A JSON Schema as an object. */
export type JsonSchema = Record<string, unknown>;

export type Converted =
  | { readonly ok: true; readonly schema: JsonSchema }
  | { readonly ok: false; readonly reason: string };

/**
 * Converts a schema to a JSON Schema of what it takes, if it speaks Standard JSON Schema. The result refuses
 * no value that the schema takes: what JSON Schema cannot say, such as a conversion, is left out. Never
 * throws.
 *
 * Source: https://standardschema.dev/json-schema, version 1.
 */
export function toJsonSchema(schema: StandardSchemaV1): Converted {
  if (isSecret(schema)) return toJsonSchema(schema.inner);
  const standard = schema['~standard'];
  if (!speaksJsonSchema(standard)) return { ok: false, reason: reasonSilent(standard.vendor) };
  const { vendor } = standard;
  try {
    if (vendor === 'valibot' && takesAll(schema)) return { ok: true, schema: {} };
    if (vendor === 'arktype' && hasLoosePattern(schema))
      return failed('a regular expression has flags, or a key has to match two of them');
    const libraryOptions = OPTIONS[vendor]?.();
    const converted = standard.jsonSchema.input({
      target: 'draft-2020-12',
      ...(libraryOptions && { libraryOptions }),
    });
    return { ok: true, schema: asJson(converted, TAKES_LISTS.includes(vendor)) };
  } catch (thrown) {
    return failed(reasonOf(thrown));
  }
}

/** `secret(schema)` of the SDK, of any copy of it: the schema inside sees the plain values. */
function isSecret(
  schema: StandardSchemaV1,
): schema is StandardSchemaV1 & { readonly inner: StandardSchemaV1 } {
  return schema['~standard'].vendor === 'lastgood' && 'inner' in schema;
}

type Standard = StandardSchemaV1['~standard'];

function speaksJsonSchema(standard: Standard): standard is Standard & StandardJSONSchemaV1.Props {
  const { jsonSchema } = standard as Partial<StandardJSONSchemaV1.Props>;
  return typeof jsonSchema?.input === 'function';
}

function reasonSilent(vendor: string): string {
  const reason = 'it does not speak Standard JSON Schema';
  if (vendor === 'valibot')
    return `${reason}; wrap it with toStandardJsonSchema of @valibot/to-json-schema`;
  return vendor === 'zod' ? `${reason}, as zod 4.2 and newer do, and zod/mini does not` : reason;
}

function failed(reason: string): Converted {
  return { ok: false, reason };
}

/** Each library has defaults that refuse more than its schemas do. */
const OPTIONS: Readonly<Record<string, () => Record<string, unknown>>> = {
  zod: zodOptions,
  valibot: valibotOptions,
};

/** Libraries whose objects and records take a list too. */
const TAKES_LISTS: readonly string[] = ['valibot', 'arktype'];

/** A copy without what JSON lacks. */
function asJson(schema: JsonSchema, takesLists: boolean): JsonSchema {
  const text = JSON.stringify(schema, (key, value) =>
    takesLists && key === 'type' && value === 'object' ? ['object', 'array'] : value,
  );
  return JSON.parse(text);
}

/** With `fallback`, valibot takes whatever comes. Its converter does not say so for the schema as a whole. */
function takesAll(schema: StandardSchemaV1): boolean {
  const result = tryTo(() => schema['~standard'].validate(Symbol()));
  return result !== undefined && 'value' in result && result.issues === undefined;
}

/** The parts of a schema of a kind, at any depth. */
interface Arktype {
  select(kind: 'pattern'): readonly { readonly flags?: string }[];
  select(kind: 'index'): readonly { readonly signature: { readonly branches: readonly Keys[] } }[];
}

interface Keys {
  readonly inner: { readonly pattern?: readonly unknown[] };
}

/** ArkType converts a pattern without its flags, and only the first one of those of a key. */
function hasLoosePattern(schema: StandardSchemaV1): boolean {
  if (typeof (schema as Partial<Arktype>).select !== 'function') return false;
  const arktype = schema as unknown as Arktype;
  const keys = arktype.select('index').flatMap(({ signature }) => signature.branches);
  return (
    arktype.select('pattern').some(({ flags }) => hasLooseFlag(flags)) ||
    keys.some(({ inner: { pattern = [] } }) => pattern.length > 1)
  );
}

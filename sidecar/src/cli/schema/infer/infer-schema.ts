import { formatOfTexts } from './text-format.ts';
import { isDictionary, isMapping, type Kind, kindOf, type Mapping } from './value-kind.ts';

/** A JSON Schema, or a part of one. */
export type InferredSchema = Readonly<Record<string, unknown>>;

export interface InferRules {
  /** Allows keys that no example has; else they are rejected, as misspelt ones must be. */
  readonly open: boolean;
  /** Keys at the top are settings, whatever they look like: those of a file-per-key volume. */
  readonly fixedKeys?: boolean;
}

/** `atTop`: for the document itself, which is not inside a list or mapping. */
interface Rules extends InferRules {
  readonly atTop: boolean;
}

/**
 * The JSON Schema of known-good values. It accepts each of them, rejects a wrong type, a missing
 * key and, unless `open`, an unknown key, and accepts ordinary edits:
 *
 * - A key is required if all examples of its mapping have it. The items of a list are examples of
 *   one thing, and so are the values of a mapping whose keys are names ({@link isDictionary}).
 * - A list or dictionary that is never empty must not become empty.
 * - A number is an integer if all examples are written as one. It has no bounds, not even 0: -1 for
 *   "no limit" is an ordinary edit.
 * - A text has a format if all examples clearly agree on one; it has no pattern and no length.
 * - null is allowed where an example has it. Nothing is required of what is always null, or of what
 *   is in an empty list or mapping.
 *
 * It contains no values: no enum, const, default or example (P8). It is our own code because
 * genson-js and to-json-schema know only types and required keys and are no longer maintained, and
 * quicktype is larger than the sidecar.
 */
export function inferSchema(examples: readonly unknown[], rules: InferRules): InferredSchema {
  return schemaOf(examples, { ...rules, atTop: true });
}

function schemaOf(examples: readonly unknown[], rules: Rules): InferredSchema {
  const kinds = kindsOf(examples);
  if (kinds.every((kind) => kind === 'null') || examples.some(isEndless)) return {};
  return {
    type: kinds.length === 1 ? kinds[0] : kinds,
    ...textRules(examples.filter((value) => typeof value === 'string')),
    ...listRules(examples.filter(Array.isArray), rules),
    ...mappingRules(examples.filter(isMapping), rules),
  };
}

/** `.inf` and `.nan` of YAML, which JSON Schema has no type for. */
function isEndless(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

/** In the order of the examples; `number` includes integers. */
function kindsOf(examples: readonly unknown[]): readonly Kind[] {
  const kinds = new Set(examples.map(kindOf));
  if (kinds.has('number')) kinds.delete('integer');
  return [...kinds];
}

function textRules(texts: readonly string[]): InferredSchema {
  const format = formatOfTexts(texts);
  return format === undefined ? {} : { format };
}

function listRules(lists: readonly (readonly unknown[])[], rules: Rules): InferredSchema {
  const items = lists.flat();
  if (items.length === 0) return {};
  return {
    items: schemaOf(items, { ...rules, atTop: false }),
    ...(lists.every((list) => list.length > 0) ? { minItems: 1 } : {}),
  };
}

function mappingRules(mappings: readonly Mapping[], rules: Rules): InferredSchema {
  const { atTop, fixedKeys } = rules;
  const inside = { ...rules, atTop: false };
  if (mappings.every((mapping) => Object.keys(mapping).length === 0)) return {};
  if (!(atTop && fixedKeys) && isDictionary(mappings, atTop))
    return dictionaryRules(mappings, inside);
  return settingsRules(mappings, inside);
}

function settingsRules(mappings: readonly Mapping[], inside: Rules): InferredSchema {
  const keys = [...new Set(mappings.flatMap((mapping) => Object.keys(mapping)))];
  const havingOf = (key: string) => mappings.filter((mapping) => Object.hasOwn(mapping, key));
  const schemaOfKey = (key: string) =>
    schemaOf(
      havingOf(key).map((mapping) => mapping[key]),
      inside,
    );
  const required = keys.filter((key) => havingOf(key).length === mappings.length);
  return {
    properties: Object.fromEntries(keys.map((key) => [key, schemaOfKey(key)])),
    ...(required.length > 0 ? { required } : {}),
    ...(inside.open ? {} : { additionalProperties: false }),
  };
}

function dictionaryRules(mappings: readonly Mapping[], inside: Rules): InferredSchema {
  const values = mappings.flatMap((mapping) => Object.values(mapping));
  const isNeverEmpty = mappings.every((mapping) => Object.keys(mapping).length > 0);
  return {
    additionalProperties: schemaOf(values, inside),
    ...(isNeverEmpty ? { minProperties: 1 } : {}),
  };
}

import { isDictionary, isMapping, type Mapping } from './dictionary.ts';
import { type Kind, kindOf } from './kind.ts';
import { formatOfTexts } from './text-format.ts';

/** A JSON Schema, or a part of one. */
export type InferredSchema = Readonly<Record<string, unknown>>;

export interface InferRules {
  /** Keys that no example has are allowed; else they are refused, as misspelt ones must be. */
  readonly open: boolean;
  /** The keys at the top are settings, whatever they look like: those of a file-per-key volume. */
  readonly fixedKeys?: boolean;
}

/** What is above a value: nothing, or something that may have names for keys. */
interface Rules extends InferRules {
  readonly atTop: boolean;
}

/**
 * The JSON Schema of values that are all known to be good. It accepts each of them, catches a wrong
 * type, a missing key and, unless `open`, an unknown key, and leaves the next ordinary edit alone:
 *
 * - A key is required if all examples of its mapping have it. A list's items are examples of one
 *   thing, and so are the values of a mapping whose keys are evidently names ({@link isDictionary}).
 * - A list or dictionary that is never empty must not become so.
 * - A number is an integer if all examples are written as one. It has no bounds, not even 0: -1 for
 *   "no limit" is an ordinary edit.
 * - A text has a format if all examples agree on one beyond doubt; it has no pattern and no length.
 * - null is allowed where it was seen. Of what was only null, or is an empty list or mapping, nothing
 *   is known, and so nothing is asked.
 *
 * Nothing of a value stands in it: no enum, const, default or example (P8). It is own code because
 * genson-js and to-json-schema know only types and required keys, and are no longer kept, and
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

/** `.inf` and `.nan` of YAML, which are of no type of JSON Schema. */
function isEndless(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

/** In the order of their examples; a number may be an integer anyway. */
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

import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';
import formats from 'ajv-formats';
import { isDictionary } from '../../../checks/drift/dictionary.ts';
import { kindOf } from '../../../checks/drift/shape.ts';
import { SCHEMA_FORMATS } from '../../../checks/json-schema/formats.ts';

/**
 * Replaces an integer that is written with a fraction or an exponent, such as `1.0`. The next edit
 * may make it `0.5`, so it is not an example of an integer.
 */
export const WRITTEN_FRACTION = Symbol('a number that is written with a fraction');

/** A JSON Schema, or a part of one. */
export type InferredSchema = Readonly<Record<string, unknown>>;

export interface InferRules {
  /** Rejects keys that no example has, which finds misspelt optional keys. Else they are allowed. */
  readonly closed: boolean;
  /** Keys at the top are settings, whatever they look like: those of a file-per-key volume. */
  readonly fixedKeys?: boolean;
  /** The examples are values in a list or mapping, and not whole documents. */
  readonly isInner?: boolean;
  /** The key that has the examples as its values. */
  readonly name?: string | undefined;
}

/**
 * The JSON Schema of known-good values. It accepts each of them, rejects a wrong type, a missing
 * key and, if `closed`, an unknown key, and accepts ordinary edits:
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
  const kinds = new Set(examples.map(typeOf));
  // A number may be an integer.
  if (kinds.has('number')) kinds.delete('integer');
  const type = [...kinds];
  if (type.every((kind) => kind === 'null') || examples.some(isEndless)) return {};
  if (examples.some((example) => example instanceof TaggedValue)) return {};
  return {
    type: type.length === 1 ? type[0] : type,
    ...textRules(examples.filter((value) => typeof value === 'string')),
    ...listRules(examples.filter(Array.isArray), rules),
    ...mappingRules(examples.filter(isMapping), rules),
  };
}

/** `.inf` and `.nan` of YAML, which JSON Schema has no type for. */
function isEndless(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value);
}

type Type = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

/** The type of a value in JSON Schema. */
function typeOf(value: unknown): Type {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value === WRITTEN_FRACTION) return 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  // No format makes values of other types.
  return typeof value as 'boolean' | 'string' | 'object';
}

function listRules(lists: readonly (readonly unknown[])[], rules: InferRules): InferredSchema {
  const items = lists.flat();
  if (items.length === 0) return {};
  return {
    items: inferSchema(items, { ...rules, isInner: true, name: undefined }),
    ...(lists.every((list) => list.length > 0) ? { minItems: 1 } : {}),
  };
}

function mappingRules(mappings: readonly Mapping[], rules: InferRules): InferredSchema {
  const { fixedKeys, isInner = false } = rules;
  const inner = { ...rules, isInner: true };
  if (mappings.every((mapping) => Object.keys(mapping).length === 0)) return {};
  return (isInner || !fixedKeys) && areDictionaries(mappings, rules)
    ? dictionaryRules(mappings, inner)
    : settingsRules(mappings, inner);
}

function settingsRules(mappings: readonly Mapping[], rules: InferRules): InferredSchema {
  const keys = [...new Set(mappings.flatMap((mapping) => Object.keys(mapping)))];
  const havingOf = (key: string) => mappings.filter((mapping) => Object.hasOwn(mapping, key));
  const schemaOfKey = (key: string) => {
    const values = havingOf(key).map((mapping) => mapping[key]);
    return inferSchema(values, { ...rules, name: key });
  };
  const required = keys.filter((key) => havingOf(key).length === mappings.length);
  return {
    properties: Object.fromEntries(keys.map((key) => [key, schemaOfKey(key)])),
    ...(required.length > 0 ? { required } : {}),
    ...(rules.closed ? { additionalProperties: false } : {}),
  };
}

function dictionaryRules(mappings: readonly Mapping[], rules: InferRules): InferredSchema {
  const values = mappings.flatMap((mapping) => Object.values(mapping));
  const isNeverEmpty = mappings.every((mapping) => Object.keys(mapping).length > 0);
  return {
    additionalProperties: inferSchema(values, { ...rules, name: undefined }),
    ...(isNeverEmpty ? { minProperties: 1 } : {}),
  };
}

const QUANTITY = SCHEMA_FORMATS.quantity.pattern;
const DURATION = SCHEMA_FORMATS['go-duration'].pattern;

type Fits = (text: string) => boolean;

// The types of ajv-formats do not say which kind of format each is.
const DATE_TIME = formats.default.get('date-time') as { readonly validate: Fits };
const IS_URI = formats.default.get('uri') as Fits;

/**
 * Only formats that an ordinary edit keeps: an address may become a host name, and a date a
 * version. Each is tested by the code that validates it, so that a schema accepts its own examples.
 * `isSure`: the text can hardly be anything else; `5m` is a duration, or a quantity.
 */
const TEXT_FORMATS = [
  { name: 'date-time', fits: DATE_TIME.validate, isSure: matching(/^\d{4}-\d\d-\d\dT/) },
  { name: 'uri', fits: IS_URI, isSure: matching(/^[a-z][a-z0-9+.-]*:\/\//i) },
  { name: 'go-duration', fits: matching(DURATION), isSure: (text: string) => !QUANTITY.test(text) },
  { name: 'quantity', fits: matching(QUANTITY), isSure: matching(/[KMGTPE]i$/) },
];

/** The format that all texts have, if at least one is sure. */
function textRules(texts: readonly string[]): InferredSchema {
  const format = TEXT_FORMATS.find(({ fits, isSure }) => texts.every(fits) && texts.some(isSure));
  return format === undefined ? {} : { format: format.name };
}

function matching(pattern: RegExp): Fits {
  return (text) => pattern.test(text);
}

function areDictionaries(
  mappings: readonly Mapping[],
  { name, isInner = false }: InferRules,
): boolean {
  const keys = new Set(mappings.flatMap((mapping) => Object.keys(mapping)));
  const values = mappings.flatMap((mapping) => Object.values(mapping));
  const outlines = values.map((value) => ({
    kinds: [value === WRITTEN_FRACTION ? ('a number' as const) : kindOf(value)],
    keys: isMapping(value) ? Object.keys(value) : undefined,
  }));
  return isDictionary([...keys], outlines, { name, isTop: !isInner });
}

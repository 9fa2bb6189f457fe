import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer, ValuePath } from '@lastgood/core/model/pointer.ts';

/** A schema that is an object, and not `true` or `false`. */
export type SchemaObject = Mapping;

/** A schema inside a schema, or the whole of it. */
export interface Subschema {
  readonly schema: SchemaObject;
  readonly pointer: Pointer;
  /** The URI that a `$ref` in it is relative to: the nearest `$id`, else that of the file. */
  readonly base: string;
  /** It only adds to a schema around it, or is a condition of it: inside `allOf`, `if` and the like. */
  readonly isPartial: boolean;
}

/** Keywords whose keys are names, and whose values are schemas. */
const MAPS = [
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
];

/** Keywords whose value is data, even if it looks like a schema. */
const DATA = ['enum', 'const', 'default', 'examples', 'example'];

/** Keywords whose schemas apply to the same value as the schema around them. */
const IN_PLACE = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'];

/**
 * Every schema inside a schema, itself first. Values of unknown keywords count too, since a `$ref` may
 * lead there, but not those of `x-…` keywords.
 */
export function subschemasOf(value: unknown, base: string): readonly Subschema[] {
  return below(value, { base, pointer: [], isPartial: false });
}

function below(value: unknown, at: Omit<Subschema, 'schema'>): readonly Subschema[] {
  if (!isMapping(value)) return [];
  const base = baseIn(value, at.base);
  const inside = Object.entries(value).flatMap(([keyword, inner]) => {
    if (DATA.includes(keyword) || keyword.startsWith('x-')) return [];
    const pointer = [...at.pointer, keyword];
    const isPartial = at.isPartial || IN_PLACE.includes(keyword);
    if (Array.isArray(inner) || (MAPS.includes(keyword) && isMapping(inner)))
      return Object.entries(inner).flatMap(([key, each]) =>
        below(each, { base, pointer: [...pointer, key], isPartial }),
      );
    return below(inner, { base, pointer, isPartial });
  });
  return [{ ...at, base, schema: value }, ...inside];
}

/** The URI of a schema by its `$id`, without fragment. In draft-07 an `$id` with only a fragment was an anchor. */
export function baseIn({ $id }: SchemaObject, base: string): string {
  if (typeof $id !== 'string' || $id.startsWith('#')) return base;
  return URL.parse($id, base)?.href.replace(/#.*$/, '') ?? base;
}

/** A regular expression of a schema: a `pattern`, or a key of `patternProperties`. */
export interface SchemaPattern extends ValuePath {
  readonly pattern: string;
}

/** The regular expressions of one schema, without those of its subschemas. */
export function patternsIn({ schema, pointer }: Subschema): readonly SchemaPattern[] {
  const { pattern, patternProperties } = schema;
  const keys = isMapping(patternProperties) ? Object.keys(patternProperties) : [];
  return [
    ...(typeof pattern === 'string'
      ? [{ pattern, pointer: [...pointer, 'pattern'], part: 'value' as const }]
      : []),
    ...keys.map((key) => ({
      pattern: key,
      pointer: [...pointer, 'patternProperties', key],
      part: 'key' as const,
    })),
  ];
}

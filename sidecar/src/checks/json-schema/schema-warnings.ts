import type { Part, Pointer } from '@lastgood/core/formats/format.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import type { SchemaFile } from './schema-file.ts';
import { isObject, type Subschema, subschemasOf } from './walk.ts';

/** What a schema says and its author hardly means. */
export interface SchemaWarning {
  readonly message: string;
  readonly pointer: Pointer;
  readonly part: Part;
}

const BOUNDS: readonly (readonly [lower: string, upper: string])[] = [
  ['minimum', 'maximum'],
  ['exclusiveMinimum', 'exclusiveMaximum'],
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minContains', 'maxContains'],
  ['minProperties', 'maxProperties'],
];

/** Beside one of these, the type of a value is somebody else's to say. */
const TYPING = [
  'type',
  '$ref',
  '$dynamicRef',
  'enum',
  'const',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
];

/** Everything in a sound schema that can be used and is probably a mistake. */
export function lintSchema({ value, base }: SchemaFile): readonly SchemaWarning[] {
  return subschemasOf(value, base).flatMap((subschema) => [
    ...untyped(subschema),
    ...neverPresent(subschema),
    ...neverAllowed(subschema),
    ...crossedBounds(subschema),
  ]);
}

/** A text has no properties, and so breaks no rule about them. */
function untyped({ schema, pointer, isPartial }: Subschema): readonly SchemaWarning[] {
  if (isPartial || !('properties' in schema) || TYPING.some((keyword) => keyword in schema))
    return [];
  const message = 'properties without "type": "object" lets whatever is no object pass';
  return [{ message, pointer: [...pointer, 'properties'], part: 'key' }];
}

/** A key that must be there and must not. */
function neverPresent({ schema, pointer }: Subschema): readonly SchemaWarning[] {
  const { required, properties, patternProperties, additionalProperties } = schema;
  if (additionalProperties !== false || !Array.isArray(required)) return [];
  const known = Object.keys(isObject(properties) ? properties : {});
  const patterns = Object.keys(isObject(patternProperties) ? patternProperties : {});
  const isKnown = (key: string) =>
    known.includes(key) || patterns.some((pattern) => new RegExp(pattern, 'u').test(key));
  return required.flatMap((key, index) => {
    if (isKnown(key)) return [];
    const message = `required names "${key}", which additionalProperties refuses${suggestion(key, known)}`;
    return [{ message, pointer: [...pointer, 'required', index], part: 'value' as const }];
  });
}

/** Values of `enum` and `const` that `type` refuses. */
function neverAllowed({ schema, pointer }: Subschema): readonly SchemaWarning[] {
  if (schema.type === undefined) return [];
  const types = [schema.type].flat();
  const inList = (Array.isArray(schema.enum) ? schema.enum : []).map(
    (value, index) => [value, ['enum', index]] as const,
  );
  const alone = 'const' in schema ? [[schema.const, ['const']] as const] : [];
  return [...inList, ...alone]
    .filter(([value]) => !typesOf(value).some((type) => types.includes(type)))
    .map(([, at]) => ({
      message: `${at[0]} holds a value that is not of type ${types.join(' or ')}`,
      pointer: [...pointer, ...at],
      part: 'value',
    }));
}

function typesOf(value: unknown): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  return Number.isInteger(value) ? ['integer', 'number'] : [typeof value];
}

function crossedBounds({ schema, pointer }: Subschema): readonly SchemaWarning[] {
  return BOUNDS.flatMap(([lower, upper]) => {
    const [min, max] = [schema[lower], schema[upper]];
    if (typeof min !== 'number' || typeof max !== 'number' || min <= max) return [];
    const message = `${lower} ${min} is more than ${upper} ${max}, so that nothing fits`;
    return [{ message, pointer: [...pointer, lower], part: 'value' as const }];
  });
}

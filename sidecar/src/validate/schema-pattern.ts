import { reasonOf } from '../errors.ts';
import type { Pointer } from '../formats/format.ts';
import type { SchemaFile, SchemaProblem } from './schema-file.ts';
import { isObject, type Subschema, subschemasOf } from './schema-walk.ts';

/** A regular expression of a schema, and where it stands: a `pattern`, or a key of `patternProperties`. */
export interface SchemaPattern {
  readonly pattern: string;
  readonly pointer: Pointer;
}

/** The regular expressions that one schema holds itself. */
export function patternsIn({ schema, pointer }: Subschema): readonly SchemaPattern[] {
  const { pattern, patternProperties } = schema;
  const keys = isObject(patternProperties) ? Object.keys(patternProperties) : [];
  return [
    ...(typeof pattern === 'string' ? [{ pattern, pointer: [...pointer, 'pattern'] }] : []),
    ...keys.map((key) => ({ pattern: key, pointer: [...pointer, 'patternProperties', key] })),
  ];
}

/** Those that are none, as ajv reads them. */
export function brokenPatterns({ value, base, locate }: SchemaFile): readonly SchemaProblem[] {
  return subschemasOf(value, base)
    .flatMap(patternsIn)
    .flatMap(({ pattern, pointer }) => {
      const reason = whyBroken(pattern);
      // A key stands where it stands; a value of that pointer is another schema.
      return reason === undefined ? [] : [{ reason, location: locate(pointer, partOf(pointer)) }];
    });
}

function partOf(pointer: Pointer): 'key' | 'value' {
  return pointer.at(-2) === 'patternProperties' ? 'key' : 'value';
}

function whyBroken(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

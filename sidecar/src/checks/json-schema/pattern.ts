import type { Part, Pointer } from '@lastgood/core/formats/format.ts';
import { reasonOf } from '@lastgood/core/model/error.ts';
import type { SchemaFile, SchemaProblem } from './schema-file.ts';
import { isObject, type Subschema, subschemasOf } from './walk.ts';

/** A regular expression of a schema: a `pattern`, or a key of `patternProperties`. */
export interface SchemaPattern {
  readonly pattern: string;
  readonly pointer: Pointer;
  readonly part: Part;
}

/** The regular expressions that one schema holds itself. */
export function patternsIn({ schema, pointer }: Subschema): readonly SchemaPattern[] {
  const { pattern, patternProperties } = schema;
  const keys = isObject(patternProperties) ? Object.keys(patternProperties) : [];
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

/** Those that are none, as ajv reads them. */
export function brokenPatterns({ value, base, locate }: SchemaFile): readonly SchemaProblem[] {
  return subschemasOf(value, base)
    .flatMap(patternsIn)
    .flatMap(({ pattern, pointer, part }) => {
      const reason = whyBroken(pattern);
      return reason === undefined ? [] : [{ reason, location: locate(pointer, part) }];
    });
}

function whyBroken(pattern: string): string | undefined {
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (thrown) {
    return reasonOf(thrown);
  }
}

/** Enough for any pattern that people write; beyond it, one counts as slow. */
const MAX_STEPS = 20_000;

/**
 * Tells whether a pattern may take time that doubles with each further letter of a text. That needs a
 * repetition inside a repetition, which is cheap to see; most of these are harmless, as in `(/[^/]+)+`,
 * and it takes a look at what they match to tell. Both libraries are only loaded when a schema is checked.
 */
export async function createIsSlow(): Promise<(pattern: string) => boolean> {
  const [{ safeRegex }, { isSafePattern }] = await Promise.all([
    import('safe-regex2'),
    import('redos-detector'),
  ]);
  return (pattern) => {
    if (safeRegex(pattern, { limit: Number.POSITIVE_INFINITY })) return false;
    try {
      return !isSafePattern(pattern, { unicode: true, maxSteps: MAX_STEPS, downgradePattern: true })
        .safe;
    } catch {
      // It holds what that library cannot read, such as a named group.
      return false;
    }
  };
}

import { reasonOf } from '@lastgood/core/model/error.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import { type SchemaFile, type SchemaIssue, schemaIssue } from './schema-file.ts';
import { type Subschema, subschemasOf } from './walk.ts';

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

/** The patterns that are not regular expressions to ajv. */
export function brokenPatterns({ value, base, locate }: SchemaFile): readonly SchemaIssue[] {
  return subschemasOf(value, base)
    .flatMap(patternsIn)
    .flatMap(({ pattern, pointer, part }) => {
      try {
        new RegExp(pattern, 'u');
        return [];
      } catch (thrown) {
        return [schemaIssue(reasonOf(thrown), locate(pointer, part))];
      }
    });
}

/** Enough for any pattern that people write; a pattern that needs more counts as slow. */
const MAX_STEPS = 20_000;

/**
 * Creates a check for patterns whose time may double with each letter of a text. They have a repetition
 * inside a repetition, which safe-regex2 finds quickly; most of these are harmless, such as `(/[^/]+)+`,
 * which redos-detector proves. Both are loaded only to check a schema.
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
      // The library cannot read it, for example a named group.
      return false;
    }
  };
}

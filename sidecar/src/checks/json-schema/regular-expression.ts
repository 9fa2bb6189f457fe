import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { patternsIn, type Subschema } from './walk.ts';

/**
 * Escapes that only have a meaning with the flag `u`: without it, `\p{L}` is a text, so a pattern with one of
 * them is not read without it.
 */
const ONLY_WITH_U = /\\[pP]|\\u\{/;

/** A pattern as a regular expression, and whether it is one only without the flag `u`. */
export interface ReadPattern {
  readonly regex: RegExp;
  readonly isLenient: boolean;
}

/**
 * Reads a pattern of a JSON Schema. It should be valid with the flag `u`; many are not, since `\-`, `\_` and
 * `\:` were usual when the drafts did not ask for it, and other validators accept them. Throws a
 * SyntaxError if it is no regular expression either way.
 */
export function readPattern(pattern: string): ReadPattern {
  try {
    return { regex: new RegExp(pattern, 'u'), isLenient: false };
  } catch (error) {
    if (ONLY_WITH_U.test(pattern)) throw error;
    try {
      return { regex: new RegExp(pattern), isLenient: true };
    } catch {
      // With the flag the message is more exact.
      throw error;
    }
  }
}

/** A pattern of an app's schema: its library may read it with the flag `u` or without, so either may match. */
export function readLoosely(pattern: string): RegExp {
  const { regex } = readPattern(pattern);
  const other = tryTo(() => new RegExp(pattern));
  const matches = (text: string) =>
    RegExp.prototype.test.call(regex, text) || other?.test(text) === true;
  // Still a RegExp: ajv tells patterns apart by their text.
  return Object.assign(regex, { test: matches });
}

/** Whether a text is a regular expression, for `format: regex`. */
export function isRegularExpression(text: string): boolean {
  return tryTo(() => readPattern(text)) !== undefined;
}

/** Warns of patterns that are only valid without the flag `u`. */
export function lenientPatterns(subschemas: readonly Subschema[]): readonly Issue<ValuePath>[] {
  return subschemas
    .flatMap(patternsIn)
    .filter(({ pattern }) => readPattern(pattern).isLenient)
    .map(({ pointer, part }) => ({
      code: 'LG_SETTINGS_SCHEMA_DOUBT',
      args: [
        'the pattern has an escape that JSON Schema does not allow, such as \\-; lastgood reads it without the flag "u", and other validators may refuse it',
      ],
      severity: 'warning',
      at: { pointer, part },
    }));
}

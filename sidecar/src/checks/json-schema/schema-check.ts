import type { Violation, Violations } from '../violation.ts';

/** Holds a value against a schema, and finds everything that breaks it. Never throws. */
export interface SchemaCheck {
  (value: unknown, sealed: boolean): Answer;
  /** It takes no long time of any small value, so that nobody has to cut it off. */
  readonly isCheap?: boolean;
}

export interface Answer extends Violations {
  /**
   * The value as the schema makes it: text as the numbers that it asks for, or whatever a schema of
   * code turns it into. Undefined where that is not known, since the value breaks it.
   */
  readonly value: unknown;
}

/**
 * Of a value that is wrong in more places, the first so many in the schema's order are worded, and
 * the rest is counted. A wrong type in each row of a large table would else cost more memory than a
 * small pod has.
 */
const MAX_WORDED = 1000;

/** The answer where the schema cannot tell: it is at fault, and the value is not accepted. */
export function faulty(message: string): Answer {
  const code = 'LG_VALIDATE_SCHEMA_FAULT';
  const violations = [{ pointer: [], part: 'value', message, code } as const];
  return { violations, leftOut: 0, value: undefined };
}

/** Says of each mistake, of a bounded number of them, in what way it breaks the schema. */
export function worded<Mistake>(
  mistakes: readonly Mistake[],
  wordsFor: (mistake: Mistake) => Violation,
): Violations {
  const violations = mistakes.slice(0, MAX_WORDED).map(wordsFor);
  return { violations, leftOut: mistakes.length - violations.length };
}

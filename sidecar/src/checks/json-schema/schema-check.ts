import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Issue } from '@lastgood/core/model/issue.ts';
import type { ValuePath } from '@lastgood/core/model/pointer.ts';
import type { ValueIssues } from '../check-result.ts';

/** Checks a value against a schema, and finds everything that breaks it. Never throws. */
export interface SchemaCheck {
  /** @param maxErrors - throws `TooManyErrors` beyond; 2,000,000 by default, as in a worker thread */
  (value: unknown, sealed: boolean, maxErrors?: number): SchemaResult;
  /**
   * How many schemas it may check one value with. If that is not known, the check needs a time limit, and it
   * is undefined.
   */
  readonly cost?: number;
  /** It runs code of a module, so nothing bounds how many errors it makes of a value. */
  readonly isModule?: true;
  /** What is probably wrong with the schema itself. */
  readonly warnings?: readonly Finding[];
}

export interface SchemaResult extends ValueIssues {
  /**
   * The value as the schema returns it: text converted to numbers, or the output of a schema module.
   * Undefined if the value breaks the schema.
   */
  readonly value: unknown;
}

/**
 * How many issues of a value are worded, in the schema's order; the rest is only counted. A wrong type
 * in each row of a large table would otherwise take more memory than a small pod has.
 */
const MAX_ISSUES = 1000;

/** The schema itself fails, so the value is not accepted. */
export function schemaFault(message: string): SchemaResult {
  const at = { pointer: [], part: 'value' } as const;
  const issues = [{ code: 'LG_VALIDATE_SCHEMA_FAULT', args: [message], at } as const];
  return { issues, value: undefined };
}

/** Words a bounded number of errors as issues. */
export function issuesOf<SchemaError>(
  errors: readonly SchemaError[],
  issueOf: (error: SchemaError) => Issue<ValuePath>,
  leftOut = 0,
): ValueIssues {
  const issues = errors.slice(0, MAX_ISSUES).map(issueOf);
  return { issues, leftOut: leftOut + errors.length - issues.length };
}

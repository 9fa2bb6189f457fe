import type * as z from 'zod/mini';

/** What zod knows of one mistake while it words it. */
type RawIssue = z.core.$ZodRawIssue;

const MAX_SHOWN = 60;

/**
 * A wrong value as a message shows it: `5`, `"30 s"`, `a list`. A text that may hold a URL, and so a
 * password, is only called `text` (P8).
 */
export function shownValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  if (/:\/|@/.test(value)) return 'text';
  return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value);
}

/** Gives a schema its own message: `must be a duration such as 30s (is "30 s")`. */
export function must(rule: string) {
  return { error: (issue: RawIssue) => `must ${rule} (is ${shownValue(issue.input)})` };
}

/** As {@link must}, for values that must never be shown: the message ends with the rule (P8). */
export function mustUnseen(rule: string) {
  return { error: () => `must ${rule}` };
}

const TYPES: Partial<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
};

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`;
}

/** Words every mistake whose schema has no message of its own. */
export function wordOf(issue: RawIssue): string {
  const is = `(is ${shownValue(issue.input)})`;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${TYPES[issue.expected] ?? issue.expected} ${is}`;
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map(String))} ${is}`;
    case 'too_small':
      if (issue.origin === 'array') return 'must have at least one entry';
      return `must be at least ${issue.minimum} ${is}`;
    case 'too_big':
      if (issue.origin === 'array') return `must have at most ${issue.maximum} entries`;
      return `must be at most ${issue.maximum} ${is}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? `is not allowed ${is}`;
    default:
      return `is not allowed ${is}`;
  }
}

import { quote } from '@lastgood/core/model/quote.ts';
import type * as z from 'zod/mini';

/** One problem as zod describes it. */
type RawIssue = z.core.$ZodRawIssue;

/**
 * A wrong value as a message shows it: `5`, `"30 s"`, `a list`. A string that may contain a URL, and
 * so a password, is only called `text` (P8).
 */
export function shownValue(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  if (/:\/|@/.test(value)) return 'text';
  return quote(value);
}

/** Keys that hold or name a credential, or a text that may contain one. */
const CREDENTIAL_KEY =
  /^(?:auth|basic|hmac|headers|tls|url|username|secret|command|send|body|equals|webConfigFile)$|bearer|password|token|keyFile/i;

/** Whether a value at this path, or a mistake in its place, may be a credential. */
export function isCredentialAt(path: readonly PropertyKey[] = []): boolean {
  return path.some((part, index) => {
    // Of `confirm.tls`, which names a server and a certificate, and not those of a client.
    if (part === 'tls' && path[index - 1] === 'confirm') return false;
    return typeof part === 'string' && CREDENTIAL_KEY.test(part);
  });
}

/** The value of an issue as its message shows it. Of a possible credential only the kind is shown (P8). */
function shownInput({ input, path }: RawIssue): string {
  if (!isCredentialAt(path) || /^(?:true|false|yes|no|on|off)?$/i.test(String(input)))
    return shownValue(input);
  if (typeof input === 'string') return 'text';
  return typeof input === 'number' || typeof input === 'bigint' ? 'a number' : shownValue(input);
}

/**
 * The message of a schema: `must be a duration such as 30s (is "30 s")`. It also aborts, so that no
 * rule between keys runs on a value of the wrong shape.
 */
export function must(rule: string) {
  const error = (issue: RawIssue) => `must ${rule} (is ${shownInput(issue)})`;
  return { error, abort: true };
}

/** Like {@link must}, for values that a message must never show (P8). */
export function mustHidden(rule: string) {
  return { error: () => `must ${rule}`, abort: true };
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

/** The message for a problem whose schema does not set one. */
export function messageOf(issue: RawIssue): string {
  const is = `(is ${shownInput(issue)})`;
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

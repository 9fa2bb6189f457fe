import type { Pointer } from '../model/pointer.ts';
import { quote } from '../model/quote.ts';

/** Maximum length of a rule in the words of a library or of the schema's author. */
export const MAX_RULE_LENGTH = 200;

/** A key whose value is a credential, even outside of a Secret (P8). */
export const CREDENTIAL =
  /(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private)[-_]?key)$/i;

/** The start of a message: `/inference/batch_size `, or nothing for the whole document. */
export function formatPath(steps: Pointer): string {
  // Escaped, so that no line break in a key can forge a line of a log.
  const keys = steps.map((step) => quote(String(step)).slice(1, -1));
  return keys.length === 0 ? '' : `/${keys.join('/')} `;
}

/** ` (is 128)`, for a scalar that is not a credential by its key. */
export function formatValueHint(value: unknown, key: string | number = ''): string {
  if (CREDENTIAL.test(String(key))) return '';
  if (typeof value !== 'string') return ` (is ${value})`;
  return mayContainPassword(value) ? ' (is text)' : ` (is ${quote(value)})`;
}

/** Whether a text may be a URL or connection string with a password. */
export function mayContainPassword(text: string): boolean {
  return text.includes('@');
}

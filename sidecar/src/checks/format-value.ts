import { truncate } from '@lastgood/core/model/truncate.ts';

/** Of a rule in the words of a library or of the schema's author, which may quote a long pattern. */
export const MAX_RULE = 200;

/** A key whose value is a credential, also where it stands in no Secret (P8). */
export const CREDENTIAL =
  /(?:passw(?:or)?d|passphrase|secret|token|credentials?|(?:api|access|private)[-_]?key)$/i;

/** The start of a message: `/inference/batch_size `, or nothing for the whole document. */
export function formatPath(steps: readonly (string | number)[]): string {
  return steps.length === 0 ? '' : `/${steps.join('/')} `;
}

/** A key as part of a path: no line break in it can forge a line of a log. */
export function formatKey(key: string): string {
  return quoted(key).slice(1, -1);
}

/** A step of a pointer as part of a path. */
export function formatPointerStep(step: string | number): string {
  return formatKey(String(step));
}

/** ` (is 128)`, for a value that is no collection and, by its key, no credential. */
export function formatValueHint(value: unknown, key: string | number = ''): string {
  if (CREDENTIAL.test(String(key))) return '';
  if (typeof value !== 'string') return ` (is ${value})`;
  return mayHoldPassword(value) ? ' (is text)' : ` (is ${quoted(value)})`;
}

/** A URL or connection string may. */
export function mayHoldPassword(text: string): boolean {
  return text.includes('@');
}

/** In double quotes, with escapes, and not too long. */
export function quoted(content: string): string {
  return JSON.stringify(truncate(content));
}

export { truncate };

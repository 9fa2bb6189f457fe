import { isPlainObject } from './plain-object.ts';
import { Secret, SHOWN } from './secret.ts';

/** Shorter ones are in any message, and too easy to guess to be secrets. */
const MIN_LENGTH = 4;

/**
 * A message without the texts of the secrets in `values`: a driver quotes the user that it cannot log in, and
 * a URL's parser the password in it (P8).
 */
export function redactSecrets(message: string, values: readonly unknown[]): string {
  // A secret may be part of a longer one.
  const texts = textsIn(values).sort((a, b) => b.length - a.length);
  return texts.reduce((redacted, text) => redacted.replaceAll(text, SHOWN), message);
}

function textsIn(values: readonly unknown[]): string[] {
  // A schema may make a value that contains itself. A set goes on with what is added meanwhile.
  const seen = new Set<unknown>(values);
  const texts: string[] = [];
  for (const value of seen) {
    if (value instanceof Secret) texts.push(...formsOf(value.reveal()));
    else if (Array.isArray(value) || isPlainObject(value))
      for (const inner of Object.values(value)) seen.add(inner);
  }
  return texts.filter(({ length }) => length >= MIN_LENGTH);
}

/** As a message may have it: as it is, without the line feed at its end, or in quotes. */
function formsOf(secret: unknown): readonly string[] {
  if (typeof secret !== 'string' && typeof secret !== 'number') return [];
  const text = String(secret);
  return [text, text.trim(), JSON.stringify(text.trim()).slice(1, -1)];
}

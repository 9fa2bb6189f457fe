import { createHash } from 'node:crypto';

/** A digest of the values of a file's documents. Comments, formatting and the order of keys do not change it. */
export function semanticDigest(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values, inOrder)).digest('base64');
}

/** Values that JSON cannot write become text that no document can have. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return ['\0', String(value)];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value).sort();
  // Numeric keys always come first, in both documents alike.
  return Object.fromEntries(keys.map((key) => [key, (value as Record<string, unknown>)[key]]));
}

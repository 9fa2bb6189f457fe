import { createHash } from 'node:crypto';

/**
 * A digest of what the documents of a file say: the same whatever the order of keys, the comments
 * and the way in which a value is written.
 */
export function semanticDigest(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values, inOrder)).digest('base64');
}

/** What JSON cannot write becomes text that no document can hold. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return ['\0', String(value)];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const keys = Object.keys(value).sort();
  // A number as a key would come first whatever the order, here as well as there.
  return Object.fromEntries(keys.map((key) => [key, (value as Record<string, unknown>)[key]]));
}

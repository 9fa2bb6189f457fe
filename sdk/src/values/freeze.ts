import { isPlainObject } from './plain-object.ts';

/**
 * Freezes lists and plain objects to the bottom, and returns the value. What a schema makes of its own
 * classes (a `Date`, a `URL`, a `Map`) stays: `Object.freeze` does not keep such objects from changing, and
 * can break them.
 */
export function deepFreeze<T>(value: T): T {
  const seen = new Set<unknown>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (!(Array.isArray(next) || isPlainObject(next)) || seen.has(next)) continue;
    seen.add(next);
    for (const inner of Object.values(Object.freeze(next))) open.push(inner);
  }
  return value;
}

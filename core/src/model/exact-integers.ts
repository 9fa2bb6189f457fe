import type { Mapping } from './mapping.ts';

/**
 * Integers that a JavaScript number cannot hold, such as the id 1161888007138312193. Parsed values have the
 * nearest number, as an app in JavaScript would read it; the exact integer is kept beside the collection
 * around the number, for code that compares or shows it.
 */
const kept = new WeakMap<object, Map<string, bigint>>();

/** The nearest number of an integer; if it is not the same, the integer is kept for its place. */
export function keepExact(parent: object, key: string | number, integer: bigint): number {
  const nearest = Number(integer);
  if (!Number.isSafeInteger(nearest)) {
    const ofParent = kept.get(parent) ?? new Map<string, bigint>();
    kept.set(parent, ofParent.set(String(key), integer));
  }
  return nearest;
}

/** The exact integer of a number in a list or mapping; undefined if the number itself is exact. */
export function exactAt(parent: unknown, key: string | number): bigint | undefined {
  if (typeof parent !== 'object' || parent === null) return undefined;
  const integer = kept.get(parent)?.get(String(key));
  // Another value may have replaced it since.
  if (integer === undefined || (parent as Mapping)[key] !== Number(integer)) return undefined;
  return integer;
}

/** Whether a text may have an integer that is too large for a number: 16 digits, or 14 in hexadecimal. */
export function mayHaveLargeIntegers(text: string): boolean {
  return /\d{16}|0x[\da-f]{14}/i.test(text);
}

/** A copy of parsed data, with its exact integers. */
export function cloneExact<Value>(value: Value): Value {
  const copy = structuredClone(value);
  const visit = (from: unknown, to: unknown): void => {
    if (typeof from !== 'object' || from === null) return;
    const integers = kept.get(from);
    if (integers !== undefined) kept.set(to as object, integers);
    for (const [key, inner] of Object.entries(from))
      visit(inner, (to as Record<string, unknown>)[key]);
  };
  visit(value, copy);
  return copy;
}

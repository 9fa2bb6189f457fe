import type { CelInput } from '@bufbuild/cel';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';

/** A parsed value converted for rules, once for all of them. */
export interface Content {
  readonly cel: CelInput;
}

/** Converts the value of a file, or an object of several files, for rules. */
export function contentOf(value: unknown): Content {
  return { cel: celOf(value) };
}

/** CEL's `int` has 64 bits, of which a JavaScript number keeps 53 exactly. */
const isInt = Number.isSafeInteger;

/**
 * JavaScript has one kind of number and CEL has two: 64 and 64.0 are both an `int`, since to a person who
 * edits a file they are the same. Objects become maps, so that `constructor` is an ordinary key.
 */
function celOf(value: unknown): CelInput {
  if (typeof value === 'number') return isInt(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value as CelInput;
  if (Array.isArray(value)) return value.map(celOf);
  if (value instanceof Date) return timestampFromDate(value);
  return new Map(Object.entries(value).map(([key, inner]) => [key, celOf(inner)]));
}

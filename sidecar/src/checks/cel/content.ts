import type { CelInput } from '@bufbuild/cel';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';

/** A parsed value as rules see it: made once, read by every rule. */
export interface Content {
  readonly cel: CelInput;
}

/** What `parse` gave for a file, or an object put together of several, for rules to look at. */
export function contentOf(value: unknown): Content {
  return { cel: celOf(value) };
}

/** CEL's `int`: 64 bits, of which a number of JavaScript keeps 53 exactly. */
const isInt = Number.isSafeInteger;

/**
 * JavaScript has one kind of number and CEL has two: 64 and 64.0 are both an `int`, since nobody who
 * edits a file thinks of them as different. Objects become maps, so that a key such as `constructor`
 * is a key and nothing else.
 */
function celOf(value: unknown): CelInput {
  if (typeof value === 'number') return isInt(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value as CelInput;
  if (Array.isArray(value)) return value.map(celOf);
  if (value instanceof Date) return timestampFromDate(value);
  return new Map(Object.entries(value).map(([key, inner]) => [key, celOf(inner)]));
}

import { TaggedValue } from './tagged-value.ts';

/** A mapping of a parsed document, whatever its format. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a mapping: not a list, not a scalar, not tagged and not null. */
export function isMapping(value: unknown): value is Mapping {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof TaggedValue);
}

/** A mapping of a parsed document, whatever its format. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a mapping: not a list, not a scalar and not null. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

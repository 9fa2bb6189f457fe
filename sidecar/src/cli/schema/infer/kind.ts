/**
 * A number that is written with a fraction or an exponent and is whole all the same: `1.0`. The next
 * edit may well make it `0.5`, so it is no example of an integer.
 */
export class WrittenFraction {}

export type Kind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

/** What JSON Schema calls the type of a value. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof WrittenFraction) return 'number';
  switch (typeof value) {
    case 'boolean':
    case 'string':
    case 'object':
      return typeof value as Kind;
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number';
    default:
      throw new TypeError(`no format makes a ${typeof value}`);
  }
}

/**
 * An integer that is written with a fraction or an exponent, such as `1.0`. The next edit may make
 * it `0.5`, so it is not an example of an integer.
 */
export class WrittenFraction {}

export type Kind = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';

export type Mapping = Readonly<Record<string, unknown>>;

/** The type of a value in JSON Schema. */
export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof WrittenFraction) return 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  // No format makes values of other types.
  return typeof value as 'boolean' | 'string' | 'object';
}

export function isMapping(value: unknown): value is Mapping {
  return kindOf(value) === 'object';
}

/** Two records of the same shape may be two settings: `requests` and `limits`. */
const MIN_RECORDS = 3;
const MIN_NAMES = 2;

/** `0`, `1`, … as the labels of a classifier. */
const NUMBER = /^\d+$/;
/** Characters in names of models, topics, hosts and labels, but not in names of settings. */
const NAME = /[./:@ ]/;

/**
 * Whether mappings at one place are dictionaries: their keys are names that come and go, not
 * settings whose misspelling must be found. Their values are alike, and either there are at least
 * three of them with common keys, or every key looks like a name. At the top of a file dotted keys
 * count as settings, such as `server.port` of a properties file.
 */
export function isDictionary(mappings: readonly Mapping[], atTop: boolean): boolean {
  const values = mappings.flatMap((mapping) => Object.values(mapping));
  const keys = [...new Set(mappings.flatMap((mapping) => Object.keys(mapping)))];
  if (areRecords(values)) return keys.length >= MIN_RECORDS || areNames(keys, atTop);
  const kinds = values.map(kindOf).map((kind) => (kind === 'integer' ? 'number' : kind));
  return areNames(keys, atTop) && new Set(kinds).size === 1;
}

function areNames(keys: readonly string[], atTop: boolean): boolean {
  if (keys.length < MIN_NAMES) return false;
  return keys.every((key) => NUMBER.test(key)) || (!atTop && keys.every((key) => NAME.test(key)));
}

/** Mappings with at least half of their keys in common. */
function areRecords(values: readonly unknown[]): boolean {
  if (!values.every(isMapping)) return false;
  const all = new Set(values.flatMap((record) => Object.keys(record)));
  const shared = [...all].filter((key) => values.every((record) => Object.hasOwn(record, key)));
  return all.size > 0 && shared.length * 2 >= all.size;
}

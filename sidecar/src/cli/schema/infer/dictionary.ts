import { kindOf } from './kind.ts';

export type Mapping = Readonly<Record<string, unknown>>;

/** Two records of the same shape may be two settings: `requests` and `limits`. */
const MIN_RECORDS = 3;
const MIN_NAMES = 2;

/** `0`, `1`, … as the labels of a classifier. */
const NUMBER = /^\d+$/;
/** What the names of models, topics, hosts, loggers and labels hold, and names of settings do not. */
const NAME = /[./:@ ]/;

/**
 * Whether mappings, all of one place, are dictionaries: their keys are names that come and go, and not
 * settings that a misspelling must not add. Values alike are what both have in common; beside that
 * they are records, at least three of them, or every key looks like a name. At the top of a file
 * dotted keys count as settings, as `server.port` of a properties file.
 */
export function isDictionary(mappings: readonly Mapping[], atTop: boolean): boolean {
  const values = mappings.flatMap((mapping) => Object.values(mapping));
  const keys = [...new Set(mappings.flatMap((mapping) => Object.keys(mapping)))];
  if (areRecords(values)) return keys.length >= MIN_RECORDS || areNames(keys, atTop);
  return areNames(keys, atTop) && new Set(values.map(roughKindOf)).size === 1;
}

function areNames(keys: readonly string[], atTop: boolean): boolean {
  if (keys.length < MIN_NAMES) return false;
  return keys.every((key) => NUMBER.test(key)) || (!atTop && keys.every((key) => NAME.test(key)));
}

/** Mappings that have at least half of their keys in common. */
function areRecords(values: readonly unknown[]): boolean {
  if (!values.every(isMapping)) return false;
  const all = new Set(values.flatMap((record) => Object.keys(record)));
  const shared = [...all].filter((key) => values.every((record) => Object.hasOwn(record, key)));
  return all.size > 0 && shared.length * 2 >= all.size;
}

/** 1 and 0.5 are alike. */
function roughKindOf(value: unknown): string {
  const kind = kindOf(value);
  return kind === 'integer' ? 'number' : kind;
}

export function isMapping(value: unknown): value is Mapping {
  return kindOf(value) === 'object';
}

import type { Kind } from './shape.ts';

/** A value of a mapping, as far as it tells a dictionary from settings. */
export interface EntryOutline {
  /** Several if examples differ, and none if it is unknown. */
  readonly kinds: readonly Kind[];
  /** The keys of a mapping; undefined for other values. */
  readonly keys: readonly string[] | undefined;
}

/** Where a mapping is. */
export interface MappingPlace {
  /** The key that it is the value of, if there is one. */
  readonly name?: string | undefined;
  /** It is the whole document. */
  readonly isTop: boolean;
}

/** Two records of the same shape may be two settings: `requests` and `limits`. */
const MIN_RECORDS = 3;
const MIN_NAMES = 2;

/** `0`, `1`, … as the labels of a classifier. */
const NUMBER = /^\d+$/;
/** Characters in names of models, topics, hosts and labels, but not in names of settings. */
const NAME = /[./:@ ]/;

/** Settings whose keys are names, in Kubernetes, npm, Cargo, Helm, Compose and proxies. */
const KNOWN =
  /(?:labels|annotations|dependencies|headers|aliases|tags|nodeSelector|users|groups|services|jobs|networks)$/i;

/** The kinds of their values. Anything else, such as `enabled: true`, is a setting. */
const KNOWN_KINDS: readonly Kind[] = ['text', 'a number', 'a mapping'];

/**
 * Whether mappings at one place are dictionaries: their keys are names that come and go, not
 * settings whose misspelling must be found. Either the mapping is known to be one by its own name,
 * such as `labels`, or its values are alike, and there are at least three of them with common keys
 * or every key looks like a name. At the top of a file dotted keys count as settings, such as
 * `server.port` of a properties file.
 *
 * @param keys - of all the mappings, each once
 */
export function isDictionary(
  keys: readonly string[],
  values: readonly EntryOutline[],
  { name = '', isTop }: MappingPlace,
): boolean {
  const known = values.filter((value) => value.kinds.length > 0);
  const kinds = new Set(known.flatMap((value) => value.kinds));
  if (keys.length > 0 && KNOWN.test(name) && [...kinds].every((kind) => KNOWN_KINDS.includes(kind)))
    return true;
  if (areRecords(known)) return keys.length >= MIN_RECORDS || areNames(keys, isTop);
  return areNames(keys, isTop) && kinds.size === 1;
}

function areNames(keys: readonly string[], isTop: boolean): boolean {
  if (keys.length < MIN_NAMES) return false;
  return keys.every((key) => NUMBER.test(key)) || (!isTop && keys.every((key) => NAME.test(key)));
}

/** Mappings with at least half of their keys in common. */
function areRecords(values: readonly EntryOutline[]): boolean {
  if (values.some(({ kinds, keys }) => keys === undefined || kinds.length > 1)) return false;
  const sets = values.map(({ keys }) => new Set(keys));
  const all = new Set(values.flatMap(({ keys }) => keys ?? []));
  const shared = [...all].filter((key) => sets.every((set) => set.has(key)));
  return all.size > 0 && shared.length * 2 >= all.size;
}

import { valueAt } from '@lastgood/core/model/pointer.ts';
import type * as z from 'zod/mini';
import { didYouMean, suggestion } from './did-you-mean.ts';
import { type Issue, invalid, type Path } from './issue.ts';
import { UNSUPPORTED_KEYS } from './unsupported.ts';
import { shownValue } from './wording.ts';

/** What a schema has checked. */
interface Checked {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  /** Where the value is in the document. */
  readonly at: Path;
  /** Follows the message about a missing key. */
  readonly hint?: string;
}

/** Keys that a mapping must not have. */
interface UnknownKeys {
  /** Of the mapping. */
  readonly path: Path;
  readonly keys: readonly string[];
  /** The keys that the mapping may have. */
  readonly known: readonly string[];
}

/** Describes what zod has found: unknown keys with a guess of what was meant, then the rest. */
export function describeIssues(found: readonly z.core.$ZodIssue[], checked: Checked): Issue[] {
  const unknown = found.flatMap((issue): UnknownKeys[] => {
    if (issue.code !== 'unrecognized_keys') return [];
    const path = issue.path as Path;
    return [{ path, keys: issue.keys, known: keysAt(checked.schema, path) }];
  });
  const others = found.filter(({ code }) => code !== 'unrecognized_keys');
  return [
    ...unknown.flatMap((keys) => describeUnknownKeys(keys, checked.at)),
    ...others.flatMap((issue) => describeIssue(issue, unknown, checked)),
  ];
}

function describeUnknownKeys({ path, keys, known }: UnknownKeys, at: Path): Issue[] {
  return keys.map((key) => ({
    ...(UNSUPPORTED_KEYS.includes(key)
      ? { code: 'LG_SETTINGS_UNSUPPORTED', args: [key] }
      : { code: 'LG_SETTINGS_UNKNOWN_KEY', args: [shownValue(key), suggestion(key, known)] }),
    path: [...at, ...path, key],
    part: 'key',
  }));
}

/** Nothing if an unknown key explains it: a mapping that lacks a key may have it misspelt. */
function describeIssue(
  { code, path: inside, message }: z.core.$ZodIssue,
  unknown: readonly UnknownKeys[],
  { value, at, hint = '' }: Checked,
): Issue[] {
  const path = inside as Path;
  const unknownIn = (mapping: Path) =>
    unknown.find((keys) => keys.path.join('/') === mapping.join('/'));
  const here = [invalid([...at, ...path], message)];
  if (code === 'custom') return unknownIn(path) === undefined ? here : [];
  const missing = path.at(-1);
  if (typeof missing !== 'string' || valueAt(value, path) !== undefined) return here;
  const mapping = path.slice(0, -1);
  const keys = unknownIn(mapping);
  if (keys !== undefined && isMeantBy(missing, keys)) return [];
  return [invalid([...at, ...mapping], `needs "${missing}"${hint}`)];
}

/**
 * Whether one of the unknown keys is meant to be a missing one: it is misspelt, or is an alternative
 * that this version does not support (`subscribers` for `webhook`).
 */
function isMeantBy(missing: string, { keys, known }: UnknownKeys): boolean {
  return keys.some((key) => UNSUPPORTED_KEYS.includes(key) || didYouMean(key, known) === missing);
}

/** The keys that the mapping at a path of a schema may have. */
function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const [first, ...rest] = path;
  switch (def.type) {
    case 'object': {
      if (first === undefined) return Object.keys(def.shape);
      const inner = def.shape[first];
      return inner === undefined ? [] : keysAt(inner, rest);
    }
    case 'array':
      return keysAt(def.element, rest);
    case 'union':
      return def.options.flatMap((option) => keysAt(option, path));
    case 'optional':
    case 'prefault':
      return keysAt(def.innerType, path);
    default:
      return [];
  }
}

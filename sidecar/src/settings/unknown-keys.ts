import type * as z from 'zod/mini';
import { didYouMean, suggestion } from './did-you-mean.ts';
import type { Issue, Path } from './issue.ts';
import { UNSUPPORTED_KEYS } from './unsupported.ts';
import { shownValue } from './wording.ts';

/** Keys that a mapping of the document must not have. */
export interface UnknownKeys {
  /** Of the mapping. */
  readonly path: Path;
  readonly keys: readonly string[];
  /** The keys that the mapping may have. */
  readonly known: readonly string[];
}

/** An issue for each of the keys, with a guess of what was meant. */
export function unknownKeyIssues({ path, keys, known }: UnknownKeys): Issue[] {
  return keys.map((key) => ({
    ...(UNSUPPORTED_KEYS.includes(key)
      ? { code: 'LG_SETTINGS_UNSUPPORTED', args: [key] }
      : { code: 'LG_SETTINGS_UNKNOWN_KEY', args: [shownValue(key), suggestion(key, known)] }),
    path: [...path, key],
    part: 'key',
  }));
}

/**
 * Whether one of the unknown keys is meant to be a missing one: it is misspelt, or is an alternative
 * that this version does not support (`subscribers` for `webhook`). The missing key is then not a
 * second mistake.
 */
export function isMeantBy(missing: string, { keys, known }: UnknownKeys): boolean {
  return keys.some((key) => UNSUPPORTED_KEYS.includes(key) || didYouMean(key, known) === missing);
}

/** The keys that the mapping at a path of a schema may have. */
export function keysAt(schema: z.core.$ZodType, path: Path): readonly string[] {
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

import type * as z from 'zod/mini';
import type { Complaint, Path } from './complaint.ts';
import { didYouMean, suggestion } from './did-you-mean.ts';
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

/** Complains about each of the keys at its own place, with a guess of what was meant. */
export function complaintsOf({ path, keys, known }: UnknownKeys): Complaint[] {
  return keys.map((key) => ({ ...wordOfKey(key, known), path: [...path, key], part: 'key' }));
}

function wordOfKey(key: string, known: readonly string[]): Pick<Complaint, 'code' | 'args'> {
  if (UNSUPPORTED_KEYS.includes(key)) return { code: 'LG_SETTINGS_UNSUPPORTED', args: [key] };
  return { code: 'LG_SETTINGS_UNKNOWN_KEY', args: [shownValue(key), suggestion(key, known)] };
}

/**
 * Whether one of the unknown keys stands where a missing one should: misspelt, or another way that
 * this version does not have (`signal` for `webhook`). The missing key is then no second mistake.
 */
export function standsFor(missing: string, { keys, known }: UnknownKeys): boolean {
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
    case 'optional':
    case 'prefault':
      return keysAt(def.innerType, path);
    default:
      return [];
  }
}

import type { Issue as CoreIssue } from '@lastgood/core/model/issue.ts';
import { type Pointer, type ValuePath, valueAt } from '@lastgood/core/model/pointer.ts';
import type * as z from 'zod/mini';
import { didYouMean, suggestion } from './did-you-mean.ts';
import { isCredentialAt, shownValue } from './wording.ts';

/** One problem in the document, before its line is known. */
export type Issue = CoreIssue<ValuePath>;

/** The usual issue: a value breaks a rule. The message starts with `bundles[0].confirm.within`. */
export function invalid(pointer: Pointer, rule: string): Issue {
  const parts = pointer.map((part, index) =>
    typeof part === 'number' ? `[${part}]` : `.${shownKey(part, pointer.slice(0, index))}`,
  );
  const path = pointer.length === 0 ? 'the file' : parts.join('').replace(/^\./, '');
  return { code: 'LG_SETTINGS_INVALID', args: [`${path} ${rule}`], at: { pointer, part: 'value' } };
}

/**
 * Keys of `lastgood.yaml` that are planned but not supported yet. They are not typing mistakes, so
 * the message does not suggest another key. Remove a key from this list once it works.
 * Source: docs/design.md#designed-not-built-yet.
 */
export const UNSUPPORTED_KEYS: readonly string[] = ['jitter'];

/** What a schema has checked. */
interface Checked {
  readonly schema: z.core.$ZodType;
  readonly value: unknown;
  /** Where the value is in the document. */
  readonly at: Pointer;
  /** Follows the message about a missing key. */
  readonly hint?: string;
}

type UnknownKeys = z.core.$ZodIssueUnrecognizedKeys;

/** Describes what zod has found: unknown keys with a guess of what was meant, then the rest. */
export function describeIssues(found: readonly z.core.$ZodIssue[], checked: Checked): Issue[] {
  const unknown = found.filter((issue) => issue.code === 'unrecognized_keys');
  return [
    ...unknown.flatMap((issue) => describeUnknownKeys(issue, checked)),
    ...found.flatMap((issue) => describeIssue(issue, unknown, checked)),
  ];
}

function describeUnknownKeys({ path, keys }: UnknownKeys, { schema, at }: Checked): Issue[] {
  const mapping = path as Pointer;
  return keys.map((key) => ({
    ...(UNSUPPORTED_KEYS.includes(key)
      ? { code: 'LG_SETTINGS_UNSUPPORTED', args: [key] }
      : {
          code: 'LG_SETTINGS_UNKNOWN_KEY',
          args: [quotedKey(key, mapping), suggestion(key, keysAt(schema, mapping))],
        }),
    at: { pointer: [...at, ...mapping, key], part: 'key' },
  }));
}

/** A credential in the place of a key is hardly a word of letters, as a misspelt key is. */
function shownKey(key: string, mapping: Pointer): string {
  return isCredentialAt(mapping) && !/^[A-Za-z_-]+$/.test(key) ? '(not shown)' : key;
}

function quotedKey(key: string, mapping: Pointer): string {
  const shown = shownKey(key, mapping);
  return shown === key ? shownValue(key) : 'text';
}

/** Nothing if an unknown key explains it: a mapping that lacks a key may have it misspelt. */
function describeIssue(
  { code, path: inside, message }: z.core.$ZodIssue,
  unknown: readonly UnknownKeys[],
  { schema, value, at, hint = '' }: Checked,
): Issue[] {
  if (code === 'unrecognized_keys') return [];
  const path = inside as Pointer;
  const unknownIn = (mapping: Pointer) =>
    unknown.find((issue) => issue.path.join('/') === mapping.join('/'))?.keys;
  const here = [invalid([...at, ...path], message)];
  if (code === 'custom') return unknownIn(path) === undefined ? here : [];
  const missing = path.at(-1);
  if (typeof missing !== 'string' || valueAt(value, path) !== undefined) return here;
  const mapping = path.slice(0, -1);
  // Misspelt, or an alternative that this version does not support.
  const isMeant = (key: string) =>
    UNSUPPORTED_KEYS.includes(key) || didYouMean(key, keysAt(schema, mapping)) === missing;
  if (unknownIn(mapping)?.some(isMeant)) return [];
  return [invalid([...at, ...mapping], `needs "${missing}"${hint}`)];
}

/** The keys that the mapping at a path of a schema may have. */
function keysAt(schema: z.core.$ZodType, path: Pointer): readonly string[] {
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
    case 'pipe':
      return keysAt(def.in, path);
    case 'record':
      return first === undefined ? [] : keysAt(def.valueType, rest);
    default:
      return [];
  }
}

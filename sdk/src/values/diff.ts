import { isDeepStrictEqual, types } from 'node:util';
import { isPlainObject } from './plain-object.ts';

/** JSON pointers, `/a/0/b~1c`; the empty one is the whole value. Source: RFC 6901. */
export type Difference = Readonly<Record<'added' | 'removed' | 'changed', readonly string[]>>;

interface Found {
  readonly added: string[];
  readonly removed: string[];
  readonly changed: string[];
  /** The pairs that are being compared. A schema may make a value that contains itself. */
  readonly open: (readonly [previous: unknown, next: unknown])[];
}

/** What differs, at the highest place where it does: a new object is one pointer, not one for each key. */
export function diffValues(previous: unknown, next: unknown): Difference {
  const found: Found = { added: [], removed: [], changed: [], open: [] };
  compare(previous, next, '', found);
  const { added, removed, changed } = found;
  return { added, removed, changed };
}

/**
 * Whether two values are the same to a reader. An instance of a class is compared by its `equals`; without
 * one, only the same instance is equal.
 */
export function isSameValue(a: unknown, b: unknown): boolean {
  return isEmpty(diffValues(a, b));
}

export function isEmpty({ added, removed, changed }: Difference): boolean {
  return added.length + removed.length + changed.length === 0;
}

function compare(previous: unknown, next: unknown, pointer: string, found: Found): void {
  if (Object.is(previous, next)) return;
  const isSameKind = Array.isArray(previous) === Array.isArray(next);
  if (isSameKind && isContainer(previous) && isContainer(next)) {
    if (found.open.some(([a, b]) => a === previous && b === next)) return;
    found.open.push([previous, next]);
    compareParts(previous, next, pointer, found);
    found.open.pop();
  } else if (!isSameLeaf(previous, next)) found.changed.push(pointer);
}

function compareParts(previous: Container, next: Container, pointer: string, found: Found): void {
  for (const key of Object.keys(previous)) {
    const inner = `${pointer}/${escapeStep(key)}`;
    if (Object.hasOwn(next, key)) compare(previous[key], next[key], inner, found);
    else found.removed.push(inner);
  }
  for (const key of Object.keys(next))
    if (!Object.hasOwn(previous, key)) found.added.push(`${pointer}/${escapeStep(key)}`);
}

interface Comparable {
  equals(other: unknown): unknown;
}

type Container = Readonly<Record<string, unknown>>;

function isContainer(value: unknown): value is Container {
  return Array.isArray(value) || isPlainObject(value);
}

function isSameLeaf(a: unknown, b: unknown): boolean {
  // `Secret` compares itself.
  if (hasEquals(a) && hasEquals(b) && a.constructor === b.constructor) return isEqual(a, b);
  if (types.isMap(a) && types.isMap(b)) return isSameValue([...a], [...b]);
  if (types.isSet(a) && types.isSet(b)) return isSameValue([...a], [...b]);
  // The content of other classes may be in private fields, which no comparison sees.
  return isTransparent(a) && isDeepStrictEqual(a, b);
}

/** A comparison of the app that fails must not end a rollout. */
function isEqual(a: Comparable, b: unknown): boolean {
  try {
    return a.equals(b) === true;
  } catch {
    return false;
  }
}

/** Whether `isDeepStrictEqual` sees all of it. */
function isTransparent(value: unknown): boolean {
  const isKnown = types.isDate(value) || types.isRegExp(value) || types.isAnyArrayBuffer(value);
  return isKnown || ArrayBuffer.isView(value) || value instanceof URL;
}

function hasEquals(value: unknown): value is Comparable {
  return (
    typeof value === 'object' &&
    value !== null &&
    'equals' in value &&
    typeof value.equals === 'function'
  );
}

function escapeStep(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

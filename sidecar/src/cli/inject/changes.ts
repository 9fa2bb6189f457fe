import { isMapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';

/** A change of one object. Pointers are those of the object before all changes. */
export type Change =
  /** Adds keys that a mapping does not have yet. */
  | { readonly kind: 'set'; readonly at: Pointer; readonly entries: Record<string, unknown> }
  /** Adds items before those of a list. */
  | { readonly kind: 'prepend'; readonly at: Pointer; readonly items: readonly unknown[] }
  /** Replaces a text. */
  | { readonly kind: 'replace'; readonly at: Pointer; readonly value: string }
  /** Removes an item of a list. */
  | { readonly kind: 'remove'; readonly at: Pointer };

/** Adds keys to the mapping at a pointer, which may be missing; what is above it is there. */
export function setKeys(root: unknown, at: Pointer, entries: Record<string, unknown>): Change {
  if (isMapping(valueAt(root, at))) return { kind: 'set', at, entries };
  return setKeys(root, at.slice(0, -1), { [String(at.at(-1))]: entries });
}

/** Adds items before those of the list at a pointer, which may be missing. */
export function prepend(root: unknown, at: Pointer, items: readonly unknown[]): Change {
  if (Array.isArray(valueAt(root, at))) return { kind: 'prepend', at, items };
  return setKeys(root, at.slice(0, -1), { [String(at.at(-1))]: items });
}

/** One change for all keys of a mapping. */
export function mergeSets(changes: readonly Change[]): readonly Change[] {
  const sets = new Map<string, Change & { readonly kind: 'set' }>();
  for (const change of changes) {
    if (change.kind !== 'set') continue;
    const name = JSON.stringify(change.at);
    const entries = { ...sets.get(name)?.entries, ...change.entries };
    sets.set(name, { ...change, entries });
  }
  return [...sets.values(), ...changes.filter(({ kind }) => kind !== 'set')];
}

/** The object with its changes, as the text must read afterwards. */
export function applyChanges(root: unknown, changes: readonly Change[]): unknown {
  const result = cloneTree(root);
  const found = changes.map(({ at }) => ({
    value: valueAt(result, at) as never,
    parent: valueAt(result, at.slice(0, -1)) as Record<string | number, unknown>,
    key: at.at(-1) ?? '',
  }));
  const removed: { readonly list: unknown[]; readonly item: unknown }[] = [];
  changes.forEach((change, index) => {
    const { value, parent, key } = found[index] as (typeof found)[number];
    if (change.kind === 'set') Object.assign(value, change.entries);
    else if (change.kind === 'replace') parent[key] = change.value;
    else if (change.kind === 'remove')
      removed.push({ list: parent as unknown as unknown[], item: value });
    else (value as unknown[]).unshift(...change.items);
  });
  for (const { list, item } of removed) list.splice(list.indexOf(item), 1);
  return result;
}

/** What an alias repeats is a separate object: a change of one place must not count for both. */
function cloneTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloneTree);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cloneTree(each)]));
}

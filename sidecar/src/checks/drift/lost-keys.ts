import { isMapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';
import { didYouMean, isMisspelling } from '../../settings/did-you-mean.ts';
import type { LostKey, NewKey } from './difference.ts';
import { kindOf, type Shape } from './shape.ts';

/** A key that has another name or place now. */
export interface MatchedKey {
  readonly from: LostKey;
  readonly to: Pointer;
  /** Its name may be misspelt, or its indentation wrong. */
  readonly isMistake: boolean;
}

interface MatchedKeys {
  readonly pairs: readonly MatchedKey[];
  readonly lost: readonly LostKey[];
  readonly added: readonly NewKey[];
}

/** So many names are compared with each other at most: each comparison takes a microsecond. */
export const MAX_SIMILAR = 2_000;

/** A key that is new in more places has not moved. */
const MAX_PLACES = 8;

/** New keys are searched for moved ones up to this many values. */
const MAX_SEARCHED = 5_000;

/**
 * Matches lost keys with new ones that most likely have their value: another name in the same
 * mapping, or the same name at one other place.
 */
export function matchNewKeys(lost: readonly LostKey[], added: readonly NewKey[]): MatchedKeys {
  const pairs: MatchedKey[] = [];
  const used = new Set<NewKey>();
  const newBeside = Map.groupBy(added, ({ pointer }) => parentOf(pointer));
  const lostBeside = Map.groupBy(lost, ({ pointer }) => parentOf(pointer));
  let left = MAX_SIMILAR;
  const unmatched = lost.filter((from) => {
    const parent = parentOf(from.pointer);
    const beside = newBeside.get(parent) ?? [];
    left -= beside.length;
    if (left < 0) return true;
    const candidates = beside.filter((each) => !used.has(each));
    const isOnlyOne = lostBeside.get(parent)?.length === 1 && candidates.length === 1;
    const to = isOnlyOne ? candidates[0] : mostSimilar(from, candidates);
    if (to === undefined) return true;
    used.add(to);
    const isMistake = isMisspelling(nameOf(from.pointer), nameOf(to.pointer));
    pairs.push({ from, to: to.pointer, isMistake });
    return false;
  });
  const rest = added.filter((each) => !used.has(each));
  if (unmatched.every(({ weight }) => weight === 'ordinary'))
    return { pairs, lost: unmatched, added: rest };
  const placesOf = createFindPlaces(rest);
  // People mean to wrap keys in a new mapping. In an old one, the indentation may be wrong.
  const inOldMappings = new Set(rest.map(({ pointer }) => pointer));
  const gone = unmatched.filter((from) => {
    const places = placesOf(from);
    const [to] = places;
    if (to === undefined || places.length > 1) return true;
    pairs.push({ from, to, isMistake: inOldMappings.has(to) });
    return false;
  });
  const moved = new Set(pairs.map(({ to }) => to));
  return { pairs, lost: gone, added: rest.filter(({ pointer }) => !moved.has(pointer)) };
}

/** Text that no two mappings share. */
function parentOf(pointer: Pointer): string {
  return JSON.stringify(pointer.slice(0, -1));
}

function nameOf(pointer: Pointer): string {
  return String(pointer.at(-1));
}

function mostSimilar(from: LostKey, candidates: readonly NewKey[]): NewKey | undefined {
  const fitting = candidates.filter(({ value }) => fits(from.shape, value));
  const names = fitting.map(({ pointer }) => nameOf(pointer));
  const name = didYouMean(nameOf(from.pointer), names);
  return fitting[names.indexOf(name ?? '')];
}

/** Whether a value may be the one that had the shape: of its kind, and with half of its keys. */
function fits({ kinds, keys }: Shape, value: unknown): boolean {
  if (value instanceof TaggedValue) return true;
  if (!kinds.has(kindOf(value))) return false;
  if (!isMapping(value)) return true;
  const kept = [...keys.keys()].filter((key) => Object.hasOwn(value, key));
  return kept.length * 2 >= keys.size;
}

/** Finds the places of a lost key by its name, in new keys and in what is inside of them. */
function createFindPlaces(added: readonly NewKey[]): (lost: LostKey) => readonly Pointer[] {
  const places = new Map<string, NewKey[]>();
  let left = MAX_SEARCHED;
  const search = (value: unknown, pointer: Pointer): void => {
    if (left <= 0 || !isMapping(value)) return;
    for (const [key, inner] of Object.entries(value)) note(inner, [...pointer, key]);
  };
  const note = (value: unknown, pointer: Pointer): void => {
    left -= 1;
    const name = nameOf(pointer);
    const known = places.get(name) ?? [];
    places.set(name, known);
    if (known.length < MAX_PLACES) known.push({ pointer, value });
    search(value, pointer);
  };
  for (const { pointer, value } of added) note(value, pointer);
  return ({ shape, pointer }) =>
    (places.get(nameOf(pointer)) ?? [])
      .filter(({ value }) => fits(shape, value))
      .map((each) => each.pointer);
}

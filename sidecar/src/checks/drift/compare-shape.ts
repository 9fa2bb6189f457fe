import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';
import { Comparison } from './comparison.ts';
import { isDictionary } from './dictionary.ts';
import type { Difference, LostKey, NewKey, Weight } from './difference.ts';
import { type MatchedKey, matchNewKeys } from './lost-keys.ts';
import { isEmpty, type Kind, kindOf, type Shape } from './shape.ts';

/** A number that grows or shrinks by this factor is most likely a mistake: extra zeroes, another unit. */
const SUSPICIOUS_FACTOR = 100;

/** Numbers that name something, and so have no size: port 80 may become 8080. */
const IDENTIFIER = /(?:port|Port|PORT|Id|ID|[ug]id|User|Group|^id|_id)$/;

/** The largest port, and the largest user that systems have by default. */
const MAX_IDENTIFIER = 65_535;

/** So few entries do not show which keys a further one needs. */
const FEW_ENTRIES = 2;

/** A mapping that loses this many keys at once, and more than half of them, was cut off. */
const MIN_CUT_OFF = 3;

/**
 * The differences of a value to the shape that it had before, the most serious ones first. Every part of
 * it is compared.
 *
 * @param keepsOrdinary - whether ordinary edits are of interest too
 */
export function findDifferences(
  before: Shape,
  value: unknown,
  keepsOrdinary: boolean,
): readonly Difference[] {
  const found = compareAll(before, value, keepsOrdinary);
  const { pairs, lost, added } = matchNewKeys(found.lost, found.added);
  const isRewrite = found.added.length > 0;
  const ofKeys = [
    ...pairs.map(differenceOfRename),
    ...lost.map((key) => differenceOfLost(isRewrite && !key.isCutOff ? asReplaced(key) : key)),
    ...(keepsOrdinary ? added.map(differenceOfNew) : []),
  ];
  return [...(found.isCutShort ? [TOO_MANY] : []), ...ofKeys, ...found.differences].toSorted(
    (one, other) => WEIGHTS.indexOf(one.weight) - WEIGHTS.indexOf(other.weight),
  );
}

/** How many differences there are that an app may stumble over; without matching renamed keys. */
export function countDifferences(before: Shape, value: unknown): number {
  const found = compareAll(before, value, false);
  return found.differences.length + found.incompatibleCount;
}

const WEIGHTS: readonly Weight[] = ['incompatible', 'replaced', 'suspicious', 'ordinary'];

/** What was not looked at may be anything. */
const TOO_MANY: Difference = {
  weight: 'incompatible',
  subject: [],
  message: 'has too many differences to compare the rest',
  at: { pointer: [], part: 'value' },
};

function compareAll(before: Shape, value: unknown, keepsOrdinary: boolean): Comparison {
  const found = new Comparison(keepsOrdinary);
  compare(before, value, [], found);
  return found;
}

function differenceOfNew({ pointer }: NewKey): Difference {
  const at = { pointer, part: 'key' } as const;
  return { weight: 'ordinary', subject: pointer, message: 'is new', at };
}

function asReplaced(key: LostKey): LostKey {
  return key.weight === 'incompatible' ? { ...key, weight: 'replaced' } : key;
}

function differenceOfRename({ from, to, isMistake }: MatchedKey): Difference {
  const { pointer, weight } = isMistake ? from : asReplaced(from);
  const at = { pointer: to, part: 'key' } as const;
  return { weight, subject: pointer, message: 'is gone', replacement: to, at };
}

function differenceOfLost({ pointer, weight, shape: { kinds } }: LostKey): Difference {
  const were = kinds.size === 0 ? '' : ` (was ${[...kinds].join(' or ')})`;
  // The key is gone, so the difference gets the position of its mapping.
  const at = { pointer, part: 'key' } as const;
  return { weight, subject: pointer, message: `is no longer there${were}`, at };
}

/** @param pointer - changes while the parts are compared, so what keeps it copies it */
function compare(
  before: Shape,
  value: unknown,
  pointer: Pointer[number][],
  found: Comparison,
): void {
  // A shape without kinds is unknown, and so is what a tagged value becomes.
  if (before.kinds.size === 0 || found.isCutShort || value instanceof TaggedValue) return;
  const kind = kindOf(value);
  if (!before.kinds.has(kind)) compareKinds(before, value, pointer, found);
  else if (before.size > 0 && isEmpty(value))
    found.report('incompatible', [...pointer], `became ${emptyOf(kind)}`);
  else if (kind === 'a number') compareNumbers(before, Number(value), pointer, found);
  else if (Array.isArray(value)) compareEntries(before, value, pointer, found);
  else if (isMapping(value)) compareKeys(before, value, pointer, found);
}

function compareKinds(before: Shape, value: unknown, pointer: Pointer, found: Comparison): void {
  const were = [...before.kinds].join(' or ');
  // What was null or empty had no meaning yet: an app that accepted it may accept this too.
  const weight = hadNothing(before) ? 'ordinary' : 'incompatible';
  found.report(weight, [...pointer], `${newKindOf(value)} (was ${were})`);
}

/** An empty value is reported as empty, not as text. */
function newKindOf(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'null') return 'became null';
  return value === '' ? 'became empty' : `is ${kind}`;
}

function emptyOf(kind: Kind): string {
  return kind === 'text' ? 'empty' : `an empty ${kind.slice('a '.length)}`;
}

function compareNumbers(before: Shape, number: number, pointer: Pointer, found: Comparison): void {
  const { number: old } = before;
  if (old === undefined || old === 0 || number === old) return;
  const factor = Math.abs(number / old);
  if (factor < SUSPICIOUS_FACTOR && factor > 1 / SUSPICIOUS_FACTOR) return;
  const isSmall = number > 0 && number <= MAX_IDENTIFIER;
  if (isSmall && IDENTIFIER.test(String(pointer.at(-1)))) return;
  const message = number === 0 ? 'became zero' : 'changed by orders of magnitude';
  found.report('suspicious', [...pointer], message, `(is ${number}, was ${old})`);
}

/**
 * As many entries as were added may lack keys, if there were too few before to know which are needed.
 * An entry has no identity, so it does not matter which of them it is.
 */
function compareEntries(
  { entries, size }: Shape,
  value: readonly unknown[],
  pointer: Pointer[number][],
  found: Comparison,
): void {
  if (entries === undefined) return;
  const mark = found.mark();
  let incomplete = 0;
  for (const [index, entry] of value.entries()) {
    const { incompatibleCount: count } = found;
    pointer.push(index);
    compare(entries, entry, pointer, found);
    pointer.pop();
    if (found.incompatibleCount > count) incomplete += 1;
  }
  const isExcused = size <= FEW_ENTRIES && incomplete <= value.length - size;
  if (incomplete > 0 && isExcused && !found.isCutShort) found.excuseSince(mark);
}

function compareKeys(
  before: Shape,
  value: Mapping,
  pointer: Pointer[number][],
  found: Comparison,
): void {
  // A loop without intermediate lists: this runs for every mapping of every change.
  const lost: (readonly [string, Shape])[] = [];
  for (const [key, shape] of before.keys)
    if (!before.optional.has(key) && !Object.hasOwn(value, key)) lost.push([key, shape]);
  for (const key of Object.keys(value)) {
    const shape = before.keys.get(key);
    if (shape === undefined) found.gain({ pointer: [...pointer, key], value: value[key] });
    else {
      pointer.push(key);
      compare(shape, value[key], pointer, found);
      pointer.pop();
    }
  }
  if (lost.length === 0) return;
  const isCutOff = lost.length >= MIN_CUT_OFF && lost.length * 2 > before.keys.size;
  const isFree = !isCutOff && isDictionaryShape(before, pointer);
  for (const [key, shape] of lost) {
    const weight = isFree || hadNothing(shape) ? 'ordinary' : 'incompatible';
    found.lose({ pointer: [...pointer, key], shape, weight, isCutOff });
  }
}

function isDictionaryShape({ keys }: Shape, pointer: Pointer): boolean {
  const values = [...keys.values()].map(({ kinds, keys: inner }) => ({
    kinds: [...kinds],
    keys: kinds.has('a mapping') ? [...inner.keys()] : undefined,
  }));
  const name = pointer.at(-1);
  return isDictionary([...keys.keys()], values, {
    name: typeof name === 'string' ? name : undefined,
    isTop: pointer.length === 0,
  });
}

/** It was null, or an empty text, list or mapping. */
function hadNothing({ kinds, size, entries, keys }: Shape): boolean {
  const isPlaceholder = [...kinds].every(
    (kind) => kind === 'null' || (size === 0 && kind !== 'a number' && kind !== 'true or false'),
  );
  return isPlaceholder && kinds.size > 0 && entries === undefined && keys.size === 0;
}

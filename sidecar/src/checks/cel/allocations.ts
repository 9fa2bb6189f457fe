import { isMainThread } from 'node:worker_threads';
import { type CelEnv, type CelValue, isCelList, isCelMap } from '@bufbuild/cel';
import { TooHeavyHere } from '../too-heavy-here.ts';
import { APPEND, WITHIN_BOUND } from './loops.ts';
import { newPatternSize } from './patterns.ts';
import { childrenOf, type Expr } from './tree.ts';

/**
 * How many characters and items the texts and lists of a rule may have in total, also those that it drops
 * again: in the main thread some MiB, since nothing ends only the rule if memory runs out there. A worker
 * thread cannot end alone either if one allocation is much larger than the rest of its heap.
 */
export const MAX_MADE = isMainThread ? 500_000 : 5_000_000;

/** The message of the failure of a rule that makes more. */
export const TOO_LARGE = 'too large';

/** What takes more memory than a character, as a number of them. */
const OBJECT = 8;
const ITEM = 2;
const ENTRY = 6;
const PIECE = 4;
/** Its memory is not part of the heap, so a heap limit does not bound it. */
const BYTE = 16;
/** For a time zone or a decimal number, the system's library loads its tables. */
const LOCALE = 1_000;

/** Evaluation is synchronous, so one counter serves all rules. */
let left = MAX_MADE;
let literals = 0;

/**
 * Must be called before a rule is evaluated.
 *
 * @param literalsSize - of the rule, by {@link literalsIn}
 */
export function resetAllocations(literalsSize: number): void {
  left = MAX_MADE;
  literals = literalsSize;
}

/** Throws {@link TooHeavyHere} if the last rule failed for its size, and may have more in a worker thread. */
export function assertLightRule(): void {
  if (left < 0 && isMainThread) throw new TooHeavyHere();
}

/** The size of all lists and maps in the text of a rule: a round of a loop makes no more of them. */
export function literalsIn(tree: Expr): number {
  const children = childrenOf(tree);
  const inner = children.reduce((sum, child) => sum + literalsIn(child), 0);
  const { case: kind } = tree.exprKind;
  // An empty one is shared.
  if (children.length === 0 || (kind !== 'listExpr' && kind !== 'structExpr')) return inner;
  return inner + OBJECT + children.length * (kind === 'listExpr' ? ITEM : ENTRY);
}

type Part = CelValue | undefined;

const zoneSizeOf = ([, zone]: readonly Part[]) => (zone === undefined ? 0 : LOCALE);

const timeParts = [
  ...['getFullYear', 'getMonth', 'getDate', 'getDayOfMonth', 'getDayOfWeek', 'getDayOfYear'],
  ...['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'],
];

/** The size of what a function makes; the others make numbers, booleans or parts of what there is. */
export const SIZES: Readonly<Record<string, (parts: readonly Part[]) => number>> = {
  [WITHIN_BOUND]: () => 1 + literals,
  [APPEND]: () => ITEM,
  '_+_': ([a, b]) => sizeOf(a) + sizeOf(b),
  bytes: ([text]) => BYTE * sizeOf(text),
  duration: () => OBJECT,
  format: ([text, values]) =>
    PIECE * (sizeOf(text) + deepSizeOf(values)) + LOCALE * decimalsIn(text),
  join: ([list, separator]) => deepSizeOf(list) + sizeOf(list) * sizeOf(separator),
  lowerAscii: ([text]) => PIECE * sizeOf(text),
  matches: ([, pattern]) => (typeof pattern === 'string' ? newPatternSize(pattern) : 0),
  replace: ([text, from, to]) => sizeOf(text) + (sizeOf(text) / (sizeOf(from) || 1)) * sizeOf(to),
  size: ([text]) => (typeof text === 'string' ? text.length : 0),
  split: ([text]) => PIECE * sizeOf(text),
  string: ([bytes]) => (bytes instanceof Uint8Array ? bytes.length : 0),
  'strings.quote': ([text]) => PIECE * sizeOf(text),
  timestamp: () => OBJECT,
  upperAscii: ([text]) => PIECE * sizeOf(text),
  ...Object.fromEntries(timeParts.map((name) => [name, zoneSizeOf])),
};

/** An environment whose functions fail before they make too much. */
export function boundAllocations(env: CelEnv): CelEnv {
  const find = (name: string) => {
    const group = env.funcs.find(name);
    const sizeOfResult = Object.hasOwn(SIZES, name) ? SIZES[name] : undefined;
    if (group === undefined || sizeOfResult === undefined) return group;
    const call: typeof group.call = (id, target, args) => {
      left -= sizeOfResult(target === undefined ? args : [target, ...args]);
      if (left < 0) throw new Error(TOO_LARGE);
      return group.call(id, target, args);
    };
    return Object.create(group, { call: { value: call } }) as typeof group;
  };
  return Object.create(env, { funcs: { value: { find } } }) as CelEnv;
}

/** Without what is inside. */
function sizeOf(part: Part): number {
  if (typeof part === 'string') return part.length;
  if (part instanceof Uint8Array) return BYTE * part.length;
  return isCelList(part) ? ITEM * part.size : 0;
}

/** With all that is inside, as often as it is there; not counted further than the limit. */
function deepSizeOf(part: Part, most = left): number {
  let size = OBJECT + sizeOf(part);
  const inner = isCelMap(part) ? [...part.keys(), ...part.values()] : isCelList(part) ? part : [];
  for (const each of inner) {
    if (size > most) break;
    size += deepSizeOf(each, most - size);
  }
  return size;
}

/** How many placeholders of decimal numbers a text for `format` has. */
function decimalsIn(text: Part): number {
  return typeof text === 'string' ? (text.match(/%[.\d]*f/g)?.length ?? 0) : 0;
}

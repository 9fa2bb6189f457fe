import { isMapping } from '@lastgood/core/model/mapping.ts';
import { TaggedValue } from '@lastgood/core/model/tagged-value.ts';

/** The kinds of values, as messages name them. */
const KIND_NAMES = ['null', 'true or false', 'a number', 'text', 'a list', 'a mapping'] as const;

/** The kind of a value. */
export type Kind = (typeof KIND_NAMES)[number];

/**
 * The structure of a value without most of its content: enough to see whether another value differs in
 * more than its scalars. Kept only in memory, and never shown for a secret (P8).
 */
export interface Shape {
  /** More than one if entries of a list differ. */
  readonly kinds: ReadonlySet<Kind>;
  /** How many entries the lists or mappings here have together; 1 for a text. 0 if one is empty. */
  readonly size: number;
  /** The number itself, if there is just one. */
  readonly number: number | undefined;
  /** Of mappings: the shape of each key. */
  readonly keys: ReadonlyMap<string, Shape>;
  /** The keys that are missing in some of the mappings. */
  readonly optional: ReadonlySet<string>;
  /** Of lists: the common shape of their entries; undefined without entries. */
  readonly entries: Shape | undefined;
}

/**
 * How many values of a file its shape covers. Later values fit everything: each file's shape is kept in
 * memory, and a table of thousands of rows differs in its first rows too.
 */
const MAX_VALUES = 5_000;

/** How many keys of a file its shape names: 1 MiB may have 100,000, which would take 7 MiB. */
const MAX_KEYS = 20_000;

/** What is left for the shape of a file. */
interface Budget {
  values: number;
  keys: number;
}

/** An unknown shape, which every value fits. */
export const ANYTHING: Shape = {
  kinds: new Set(),
  size: 0,
  number: undefined,
  keys: new Map(),
  optional: new Set(),
  entries: undefined,
};

export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'boolean':
      return 'true or false';
    case 'number':
    case 'bigint':
      return 'a number';
    case 'object':
      return 'a mapping';
    default:
      return 'text';
  }
}

/** The shape of the documents of one file, in their order. */
export function shapesOf(values: readonly unknown[]): readonly Shape[] {
  const budget = { values: MAX_VALUES, keys: MAX_KEYS };
  return values.map((value) => shapeOf(value, budget));
}

function shapeOf(value: unknown, budget: Budget): Shape {
  if (budget.values === 0 || value instanceof TaggedValue) return ANYTHING;
  budget.values -= 1;
  const kind = kindOf(value);
  const kinds = KINDS[kind];
  if (kind === 'a number') return { ...ANYTHING, kinds, size: 1, number: Number(value) };
  if (isMapping(value)) {
    // A loop without intermediate lists: this runs for every value of every change.
    const names = Object.keys(value);
    if (names.length > budget.keys) return ANYTHING;
    budget.keys -= names.length;
    const keys = new Map<string, Shape>();
    for (const key of names) keys.set(key, shapeOf(value[key], budget));
    return { ...ANYTHING, kinds, size: keys.size, keys };
  }
  const isNothing = isEmpty(value);
  if (!Array.isArray(value) || isNothing) return isNothing ? EMPTY[kind] : SCALARS[kind];
  const entries = merged(value.map((entry) => shapeOf(entry, budget)));
  return { ...ANYTHING, kinds, size: value.length, entries };
}

/** Shared values for each kind: most of a shape are scalars. */
function forEachKind<Made>(make: (kind: Kind) => Made): Readonly<Record<Kind, Made>> {
  const made = KIND_NAMES.map((kind) => [kind, make(kind)] as const);
  return Object.fromEntries(made) as Record<Kind, Made>;
}

const KINDS = forEachKind((kind): ReadonlySet<Kind> => new Set([kind]));
const SCALARS = forEachKind((kind): Shape => ({ ...ANYTHING, kinds: KINDS[kind], size: 1 }));
const EMPTY = forEachKind((kind): Shape => ({ ...ANYTHING, kinds: KINDS[kind] }));

/** Whether a text, list or mapping is empty. */
export function isEmpty(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The shape that all fit. In time proportional to their keys: each entry of a list may have others. */
function merged(shapes: readonly Shape[]): Shape {
  const [first = ANYTHING] = shapes;
  if (shapes.includes(ANYTHING)) return ANYTHING;
  // One entry, or scalars of one kind, which are most lists.
  if (shapes.every((each) => each === first)) return { ...first, size: first.size * shapes.length };
  // An entry that is not a mapping says nothing about the keys of others.
  const mappings = shapes.filter(({ kinds }) => kinds.has('a mapping'));
  const entries = shapes.flatMap((each) => each.entries ?? []);
  return {
    kinds: shapes.every(({ kinds }) => kinds === first.kinds)
      ? first.kinds
      : new Set(shapes.flatMap(({ kinds }) => [...kinds])),
    size: shapes.some(({ size }) => size === 0)
      ? 0
      : shapes.reduce((sum, { size }) => sum + size, 0),
    number: undefined,
    ...mergedKeys(mappings),
    entries: entries.length === 0 ? undefined : merged(entries),
  };
}

function mergedKeys(mappings: readonly Shape[]): Pick<Shape, 'keys' | 'optional'> {
  if (mappings.length === 0) return { keys: ANYTHING.keys, optional: ANYTHING.optional };
  const found = new Map<string, Shape[]>();
  const optional = new Set<string>();
  for (const mapping of mappings) {
    for (const key of mapping.optional) optional.add(key);
    for (const [key, shape] of mapping.keys) {
      const shapes = found.get(key);
      if (shapes === undefined) found.set(key, [shape]);
      else shapes.push(shape);
    }
  }
  const keys = new Map<string, Shape>();
  for (const [key, shapes] of found) {
    if (shapes.length < mappings.length) optional.add(key);
    keys.set(key, merged(shapes));
  }
  return { keys, optional: optional.size === 0 ? ANYTHING.optional : optional };
}

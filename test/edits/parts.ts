import type { Random } from '../rollout/random.ts';
import type { ConfigFile, Tree } from './files.ts';

export type Step = string | number;

/** A place in a file: the mapping or list that holds it, and its key there. */
export interface Slot {
  readonly parent: Tree | unknown[];
  readonly key: Step;
  readonly path: readonly Step[];
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every value of a file but the top. */
export function slotsOf({ value }: ConfigFile): readonly Slot[] {
  return slotsIn(value, []);
}

function slotsIn(value: unknown, path: readonly Step[]): Slot[] {
  if (typeof value !== 'object' || value === null) return [];
  const keys: readonly Step[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => {
    const inner = [...path, key];
    return [{ parent: value as Tree, key, path: inner }, ...slotsIn(valueIn(value, key), inner)];
  });
}

function valueIn(parent: object, key: Step): unknown {
  return (parent as Record<Step, unknown>)[key];
}

export function read({ parent, key }: Slot): unknown {
  return valueIn(parent, key);
}

export function write({ parent, key }: Slot, value: unknown): void {
  (parent as Record<Step, unknown>)[key] = value;
}

export function remove({ parent, key }: Slot): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

/** Gives a key another name, at its place. */
export function rename({ parent, key }: Slot, name: string): void {
  const entries = Object.entries(parent);
  for (const each of Object.keys(parent)) delete (parent as Tree)[each];
  for (const [each, value] of entries) (parent as Tree)[each === key ? name : each] = value;
}

/** The slots of mappings or lists at one of the patterns, such as `/spec/volumes`. */
export function slotsAt(file: ConfigFile, patterns: readonly string[]): readonly Slot[] {
  return slotsOf(file).filter(({ path }) => patterns.some((pattern) => fits(path, pattern)));
}

function fits(path: readonly Step[], pattern: string): boolean {
  const steps = pattern.split('/').slice(1);
  return (
    steps.length === path.length &&
    steps.every((step, at) => step === '*' || step === String(path[at]))
  );
}

/** The keys of mappings that are settings, not names or entries of a list. */
export function settingsOf(file: ConfigFile): readonly Slot[] {
  return slotsOf(file).filter(({ parent, path }) => {
    const isInside = file.dictionaries.some((pattern) => fits(path.slice(0, -1), pattern));
    return isTree(parent) && !isInside;
  });
}

/** One of the slots, or undefined if there are none. */
export function pickFrom(random: Random, slots: readonly Slot[]): Slot | undefined {
  return slots.length === 0 ? undefined : random.pick(slots);
}

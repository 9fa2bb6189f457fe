import type { Pointer } from '@lastgood/core/model/pointer.ts';
import * as z from 'zod/mini';

/**
 * A key with the sentence that editors and docs/settings.md show. With a default, written as in the
 * settings file, it may be left out.
 */
export function key<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema;
export function key<Schema extends z.ZodMiniType>(
  description: string,
  schema: Schema,
  fallback: z.input<Schema>,
): z.ZodMiniPrefault<Schema>;
export function key(description: string, schema: z.ZodMiniType, fallback?: unknown) {
  // A check makes a copy. Only a schema that others use as well needs one.
  return fallback === undefined
    ? schema.check(z.describe(description))
    : z.prefault(schema, fallback).register(z.globalRegistry, { description });
}

/** A key that may be left out and has no default. */
export function optional<Schema extends z.ZodMiniType>(description: string, schema: Schema) {
  const given: z.ZodMiniOptional<Schema> = z.optional(schema);
  z.globalRegistry.add(given, { description });
  return given;
}

/** Reports a broken rule at a path inside the value. */
export type Report = (path: Pointer, rule: string) => void;

type Keys = Readonly<Record<string, z.ZodMiniType>>;
type Parsed<Shape extends Keys> = z.output<z.ZodMiniObject<Shape, z.core.$strict>>;
type Immutable<T> = T extends object ? { readonly [Key in keyof T]: Immutable<T[Key]> } : T;

/** What a mapping with these keys becomes: keys that are left out are undefined. */
export type Values<Shape extends Keys> = Immutable<Required<Parsed<Shape>>>;

/**
 * A mapping of the settings file: its keys, and a function that checks the rules between them and
 * returns what the rest of the program works with. The function runs once every key has the right
 * shape. A pipe into a transform would not run if a rule deeper down is broken, and so hide the rules
 * of this level.
 */
export function mapping<Shape extends Keys, Settings = Values<Shape>>(
  keys: Shape,
  resolve?: (values: Values<Shape>, report: Report) => Settings,
): z.ZodMiniType<Immutable<Settings>, z.input<z.ZodMiniObject<Shape, z.core.$strict>>> {
  const absent = Object.fromEntries(Object.keys(keys).map((name) => [name, undefined]));
  const schema = z.strictObject(keys).check((payload) => {
    const input = payload.value;
    const report: Report = (path, message) =>
      payload.issues.push({ code: 'custom', input, path: [...path], message, continue: true });
    const values = { ...absent, ...input } as unknown as Values<Shape>;
    payload.value = (resolve === undefined ? values : resolve(values, report)) as never;
  });
  return schema as never;
}

/**
 * A value of one of two kinds. A mistake is reported as one of the kind that the value has: a union would
 * only say that the whole is neither.
 */
export function either<First extends z.ZodMiniType, Second extends z.ZodMiniType>(
  isFirst: (value: unknown) => boolean,
  first: First,
  second: Second,
) {
  const schema = z.union([first, second]);
  const run: typeof schema._zod.run = (payload, context) =>
    (isFirst(payload.value) ? first : second)._zod.run(payload, context) as never;
  Object.assign(schema._zod, { run, parse: run });
  return schema;
}

/** Reports a mapping in which none of some keys is set, and returns those that are. */
export function requireOneOf(choices: Readonly<Record<string, unknown>>, report: Report): string[] {
  const names = Object.keys(choices);
  const set = names.filter((name) => choices[name] !== undefined);
  if (set.length === 0) report([], `needs one of ${names.map((name) => `"${name}"`).join(', ')}`);
  return set;
}

import type { Pointer } from '@lastgood/core/model/pointer.ts';

/** A flag of another reloader, or one that lastgood adds to it. */
export interface CompatFlag {
  /** A `list` may be repeated. */
  readonly kind?: 'text' | 'int' | 'bool' | 'list';
  /** One line for the usage. */
  readonly help: string;
  /** As the usage shows it; undefined: empty. */
  readonly default?: string;
  /** What is wrong with a value; undefined if nothing is. */
  readonly problem?: (value: string) => string | undefined;
  /** Its value may hold a credential, and no message shows it (P8). */
  readonly sealed?: true;
  /** Where its value goes in the settings: keys and indexes joined by dots, `*` for any. */
  readonly places?: string | readonly string[];
}

/** By name. */
export type CompatFlags = Readonly<Record<string, CompatFlag>>;

/** By the flag's name, in order; integers in decimal, a `bool` as `true` or `false`. */
export type GivenValues = ReadonlyMap<string, readonly string[]>;

/** The values of the flags, defaults included. */
export interface Values<Name extends string> {
  /** Every value that was given. */
  all(name: Name): readonly string[];
  /** The last value, else the default, else empty. */
  last(name: Name): string;
  /** The name of the flag that a part of the settings comes from. */
  flagAt(path: Pointer): string | undefined;
}

export function valuesOf<Name extends string>(
  flags: CompatFlags,
  given: GivenValues,
): Values<Name> {
  const last = (name: string) => given.get(name)?.at(-1) ?? flags[name]?.default ?? '';
  const places = Object.entries(flags)
    .filter(([name, flag]) => given.has(name) || flag.default !== undefined)
    .flatMap(([name, { places = [] }]) =>
      [places].flat().map((place) => ({ name, parts: place.split('.') })),
    )
    // A place inside another one is found first.
    .sort((a, b) => b.parts.length - a.parts.length);
  return {
    all: (name) => given.get(name) ?? [],
    last,
    flagAt: (path) =>
      places.find(({ parts }) =>
        parts.every((part, index) => part === '*' || part === String(path[index])),
      )?.name,
  };
}

/** A check for a flag that takes one of a few words. */
export function oneOf(words: readonly string[]) {
  return (value: string) =>
    words.includes(value) ? undefined : `must be one of ${words.join(', ')}`;
}

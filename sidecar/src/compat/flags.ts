import { isAbsolute, resolve } from 'node:path';
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

/**
 * How a program reads its command line, so that lastgood accepts what it accepts, and rejects what
 * it rejects with the same message.
 */
export interface Dialect {
  /** What is wrong with the word of a flag, whatever its name. */
  syntaxProblem?(word: string): string | undefined;
  unknown(word: string, name: string): string;
  /** A switch has a second name, `no-NAME`. */
  readonly hasNegation: boolean;
  /** The value of a switch, from what follows `=`. */
  readSwitch(name: string, inline: string | undefined, isNegated: boolean): Read;
  /** The value of any other flag. */
  readValue(name: string, flag: CompatFlag, given: string): Read;
  /** Whether the word after a flag, if there is one, is its value. */
  isValue(word: string | undefined): boolean;
  missingValue(name: string): string;
  /** Checks what only the whole command line shows. */
  checkAll?(given: GivenValues, rest: readonly string[], flags: CompatFlags): Problem | undefined;
  /** What `--help` prints. */
  usage(program: string, flags: CompatFlags): string;
}

/** `flag`: the flag that the problem is about, if the program's own words do not name it. */
export interface Problem {
  readonly problem: string;
  readonly flag?: string;
}

export type Read = { readonly value: string } | Problem;

export type ParsedFlags =
  | {
      readonly ok: true;
      readonly values: GivenValues;
      /** What comes after the flags. */
      readonly rest: readonly string[];
    }
  | ({ readonly ok: false } & Problem);

/** Parses the arguments after the program's name. The first problem ends it. */
export function parseFlags(
  argv: readonly string[],
  flags: CompatFlags,
  dialect: Dialect,
): ParsedFlags {
  const values = new Map<string, string[]>();
  const words = [...argv];
  while (isFlag(words[0])) {
    const word = words.shift() ?? '';
    if (word === '--') break;
    const read = readFlag(word, words, flags, dialect);
    if ('problem' in read) return { ok: false, problem: read.problem };
    values.set(read.name, [...(values.get(read.name) ?? []), read.value]);
  }
  const problem = dialect.checkAll?.(values, words, flags);
  return problem === undefined ? { ok: true, values, rest: words } : { ok: false, ...problem };
}

/** Reads a flag with its value, which it may take from the words that follow. */
function readFlag(
  word: string,
  following: string[],
  flags: CompatFlags,
  dialect: Dialect,
): (Read & { readonly name: string }) | Problem {
  const problem = dialect.syntaxProblem?.(word);
  if (problem !== undefined) return { problem };
  const { name: written, inline } = splitFlag(word);
  const positive = written.replace(/^no-/, '');
  const isNegated = dialect.hasNegation && positive !== written && flags[positive]?.kind === 'bool';
  const name = isNegated ? positive : written;
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) return { problem: dialect.unknown(word, name) };
  if (flag.kind === 'bool') return { ...dialect.readSwitch(name, inline, isNegated), name };
  const given = inline ?? (dialect.isValue(following[0]) ? following.shift() : undefined);
  if (given === undefined) return { problem: dialect.missingValue(name) };
  return { ...dialect.readValue(name, flag, given), name };
}

/** A dash alone is not a flag. */
export function isFlag(word = ''): boolean {
  return word.length > 1 && word.startsWith('-');
}

/** `-name`, `--name`, or either with `=value`. */
function splitFlag(word: string) {
  const [, name = '', inline] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
  return { name, inline };
}

/** The names of the flags on a command line, whatever program it is for. */
export function flagNames(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end))
    .filter(isFlag)
    .map((word) => splitFlag(word).name);
}

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
  const places = Object.entries(flags)
    .filter(([name, flag]) => given.has(name) || flag.default !== undefined)
    .flatMap(([name, { places = [] }]) =>
      [places].flat().map((place) => ({ name, parts: place.split('.') })),
    )
    // A place inside another one is found first.
    .sort((a, b) => b.parts.length - a.parts.length);
  return {
    all: (name) => given.get(name) ?? [],
    last: (name) => given.get(name)?.at(-1) ?? flags[name]?.default ?? '',
    flagAt: (path) =>
      places.find(({ parts }) =>
        parts.every((part, index) => part === '*' || part === String(path[index])),
      )?.name,
  };
}

/** The path of a credential's file as the document has it, if it was relative: no pod needs that. */
export function relativePath(given: string): readonly string[] {
  return given === '' || isAbsolute(given) ? [] : [resolve(given)];
}

/** A check for a flag that takes one of a few words. */
export function oneOf(words: readonly string[]) {
  return (value: string) =>
    words.includes(value) ? undefined : `must be one of ${words.join(', ')}`;
}

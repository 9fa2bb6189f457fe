import type { CompatFlag, CompatFlags, GivenValues } from './flags.ts';

/**
 * How a program reads its command line, so that lastgood accepts what it accepts, and rejects what
 * it rejects with the same message.
 */
export interface Dialect {
  /** What is wrong with the word of a flag, whatever its name. */
  syntaxProblem(word: string): string | undefined;
  unknown(word: string, name: string): string;
  /** A switch has a second name, `no-NAME`. */
  readonly hasNegation: boolean;
  /** The value of a switch, from what follows `=`. */
  readSwitch(name: string, inline: string | undefined, isNegated: boolean): Read;
  /** The value of any other flag. */
  readValue(name: string, flag: CompatFlag, given: string): Read;
  /** Whether the word after a flag is its value. */
  isValue(word: string): boolean;
  missingValue(name: string): string;
  /** Checks what only the whole command line shows. */
  checkAll(given: GivenValues, rest: readonly string[], flags: CompatFlags): Problem;
  /** What `--help` prints. */
  usage(program: string, flags: CompatFlags): string;
}

export type Read = { readonly value: string } | { readonly problem: string };

/** `flag`: the flag that the problem is about, if the program's own words do not name it. */
export type Problem = { readonly problem: string; readonly flag?: string } | undefined;

export type ParsedFlags =
  | {
      readonly ok: true;
      readonly values: GivenValues;
      /** What comes after the flags. */
      readonly rest: readonly string[];
    }
  | { readonly ok: false; readonly problem: string; readonly flag?: string };

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
  const problem = dialect.checkAll(values, words, flags);
  return problem === undefined ? { ok: true, values, rest: words } : { ok: false, ...problem };
}

/** Reads a flag with its value, which it may take from the words that follow. */
function readFlag(
  word: string,
  following: string[],
  flags: CompatFlags,
  dialect: Dialect,
): (Read & { readonly name: string }) | { readonly problem: string } {
  const problem = dialect.syntaxProblem(word);
  if (problem !== undefined) return { problem };
  const { name: written, inline } = splitFlag(word);
  const isNegated = dialect.hasNegation && isNegation(written, flags);
  const name = isNegated ? written.slice(NEGATION.length) : written;
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) return { problem: dialect.unknown(word, name) };
  if (flag.kind === 'bool') return { ...dialect.readSwitch(name, inline, isNegated), name };
  const given = inline ?? (isNext(following, dialect) ? following.shift() : undefined);
  if (given === undefined) return { problem: dialect.missingValue(name) };
  return { ...dialect.readValue(name, flag, given), name };
}

/** A dash alone is not a flag. */
export function isFlag(word = ''): boolean {
  return word.length > 1 && word.startsWith('-');
}

const NEGATION = 'no-';

function isNegation(name: string, flags: CompatFlags): boolean {
  return name.startsWith(NEGATION) && flags[name.slice(NEGATION.length)]?.kind === 'bool';
}

function isNext([word]: readonly string[], dialect: Dialect): boolean {
  return word !== undefined && dialect.isValue(word);
}

/** `-name`, `--name`, or either with `=value`. */
function splitFlag(word: string): { readonly name: string; readonly inline: string | undefined } {
  const text = word.replace(/^--?/, '');
  const at = text.indexOf('=');
  if (at === -1) return { name: text, inline: undefined };
  return { name: text.slice(0, at), inline: text.slice(at + 1) };
}

/** The names of the flags on a command line, whatever program it is for. */
export function flagNames(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end))
    .filter(isFlag)
    .map((word) => splitFlag(word).name);
}

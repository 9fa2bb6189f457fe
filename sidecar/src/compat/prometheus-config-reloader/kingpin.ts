/**
 * Reads a command line as kingpin does, which prometheus-config-reloader is written with, so that one
 * that it takes is taken here, and one that it refuses is refused with its own message. What kingpin
 * has and nobody uses here is left out: short flags, arguments from a file by `@file`.
 * Source: alecthomas/kingpin v2, lexer.go and parser.go.
 */

import { redactIfUrl } from '../../io/http/redact-url.ts';

export interface KingpinFlag {
  readonly name: string;
  /** `list` may be given several times, and no other kind may. */
  readonly kind: 'text' | 'bool' | 'list';
  /** What it is for, on one line. */
  readonly about: string;
  /** As the usage shows it; none: it is empty. */
  readonly fallback?: string;
  /** Why a value cannot be used, in the words of the program; undefined when it can. */
  readonly wrong?: (value: string) => string | undefined;
}

export type KingpinFlags =
  /** By the flag's name, in their order; of a `bool`, `true` or `false`. */
  | { readonly ok: true; readonly values: ReadonlyMap<string, readonly string[]> }
  | {
      readonly ok: false;
      readonly wrong: string;
      /** The flag whose value it is, of which the program's own words say nothing. */
      readonly flag?: string;
    };

/**
 * Sorts the arguments after the program's name. The first word that cannot be read ends it; then a
 * call for help goes before the first value that is wrong.
 */
export function parseKingpin(argv: readonly string[], flags: readonly KingpinFlag[]): KingpinFlags {
  const values = new Map<string, string[]>();
  const add = (name: string, value: string) =>
    values.set(name, [...(values.get(name) ?? []), value]);
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!isFlag(word)) return wrong(`unexpected ${redactIfUrl(word)}`);
    if (word === '--') {
      const [extra] = words;
      return extra === undefined
        ? checked(values, flags)
        : wrong(`unexpected ${redactIfUrl(extra)}`);
    }
    const { name, value } = tokenOf(word);
    const found = named(name, flags);
    if (found === undefined) return wrong(unknown(word, name));
    const { flag, isOn } = found;
    if (flag.kind === 'bool') {
      add(flag.name, String(isOn));
      if (value !== undefined) return wrong(`unexpected ${redactIfUrl(value)}`);
      continue;
    }
    // What looks like a flag is none of its values; one that does is given with `=`.
    const isNext = value === undefined && words[0] !== undefined && !isFlag(words[0]);
    const given = isNext ? words.shift() : value;
    if (given === undefined) return wrong(`expected argument for flag '--${flag.name}'`);
    add(flag.name, given);
  }
  return checked(values, flags);
}

function wrong(message: string): KingpinFlags {
  return { ok: false, wrong: message };
}

function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

/** kingpin reads one dash as short flags, of which the program has none; here it may be either. */
function tokenOf(word: string): { readonly name: string; readonly value: string | undefined } {
  const text = word.replace(/^--?/, '');
  const at = text.indexOf('=');
  if (at === -1) return { name: text, value: undefined };
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function named(name: string, flags: readonly KingpinFlag[]) {
  const flag = flags.find((each) => each.name === name);
  if (flag !== undefined) return { flag, isOn: true };
  const negated = flags.find((each) => each.kind === 'bool' && `no-${each.name}` === name);
  return negated && { flag: negated, isOn: false };
}

function unknown(word: string, name: string): string {
  if (word.startsWith('--')) return `unknown long flag '--${redactIfUrl(name)}'`;
  return `unknown short flag '-${name.slice(0, 1)}'`;
}

/** Looks at the values once all words are read. */
function checked(
  values: ReadonlyMap<string, readonly string[]>,
  flags: readonly KingpinFlag[],
): KingpinFlags {
  if (values.get('help')?.includes('true')) return { ok: true, values };
  for (const { name, kind, wrong: whyWrong } of flags) {
    const given = values.get(name) ?? [];
    if (kind !== 'list' && given.length > 1) return wrong(`flag '${name}' cannot be repeated`);
    for (const value of given) {
      const why = whyWrong?.(value);
      if (why === undefined) continue;
      return { ok: false, wrong: quotesUrl(why, value) ? unseen(name) : why, flag: name };
    }
  }
  return { ok: true, values };
}

/** Whoever mixes two flags up may have put a URL, and so a password, into any of them (P8). */
function quotesUrl(why: string, value: string): boolean {
  const isQuoted = [value, JSON.stringify(value).slice(1, -1)].some((text) => why.includes(text));
  return isQuoted && redactIfUrl(value) !== value;
}

function unseen(name: string): string {
  return `invalid value (not shown) for flag '--${name}'`;
}

/** Every flag with what it is for. */
export function kingpinUsage(program: string, flags: readonly KingpinFlag[]): string {
  const rows = flags.map(({ name, kind, about, fallback }) => {
    const value = fallback === undefined ? name.toUpperCase() : JSON.stringify(fallback);
    const head = kind === 'bool' ? `--[no-]${name}` : `--${name}=${value}`;
    return `  ${head}${kind === 'list' ? ' ...' : ''}\n      ${about}\n`;
  });
  return `usage: ${program} [<flags>]\n\n\nFlags:\n${rows.join('')}\n`;
}

/**
 * Reads a command line as Go's package `flag` does, so that one that a Go program takes is taken here,
 * and one that it refuses is refused with its own message. Source: Go, src/flag/flag.go.
 */

import { redactIfUrl } from '../io/http/redact-url.ts';

/** One flag; `-name` and `--name` are the same. */
export interface GoFlag {
  readonly name: string;
  /** `list` may be given several times; of the others the last one counts. */
  readonly kind: 'string' | 'int' | 'bool' | 'list';
  /** What it is for, on one line. */
  readonly about: string;
  /** As the usage shows it; none: it is empty. */
  readonly fallback?: string;
  /** Why a value cannot be used; undefined when it can. */
  readonly wrong?: (value: string) => string | undefined;
  /** Its value may hold a credential, and no message shows it (P8). */
  readonly sealed?: true;
}

export type GoFlags =
  | {
      readonly ok: true;
      /** By the flag's name, in their order; whole numbers in decimal. */
      readonly values: ReadonlyMap<string, readonly string[]>;
      /** What comes after the flags. */
      readonly rest: readonly string[];
    }
  /** `help` was asked for, or what is wrong. */
  | { readonly ok: false; readonly wrong: string | 'help' };

interface Token {
  readonly name: string;
  /** Undefined where no `=` follows the name. */
  readonly value: string | undefined;
}

/** Sorts the arguments after the program's name. The first one that is wrong ends it. */
export function parseGoFlags(argv: readonly string[], flags: readonly GoFlag[]): GoFlags {
  const values = new Map<string, string[]>();
  let rest = argv;
  for (;;) {
    const [word = ''] = rest;
    // What is no flag ends them all, and so does a dash alone.
    if (word.length < 2 || !word.startsWith('-')) return { ok: true, values, rest };
    rest = rest.slice(1);
    if (word === '--') return { ok: true, values, rest };
    const token = tokenOf(word);
    if (token === undefined) return wrong(`bad flag syntax: ${redactIfUrl(word)}`);
    const flag = flags.find(({ name }) => name === token.name);
    if (flag === undefined) return unknown(token.name);
    const isNext = flag.kind !== 'bool' && token.value === undefined;
    if (isNext && rest.length === 0) return wrong(`flag needs an argument: -${flag.name}`);
    const given = isNext ? rest[0] : token.value;
    if (isNext) rest = rest.slice(1);
    const read = readValue(flag, given ?? 'true');
    if (!read.ok) return wrong(read.wrong);
    values.set(flag.name, [...(values.get(flag.name) ?? []), read.value]);
  }
}

/** `-name`, `--name` or either with `=value`; undefined for what Go calls bad syntax. */
function tokenOf(word: string): Token | undefined {
  const text = word.replace(/^--?/, '');
  if (text === '' || /^[-=]/.test(text)) return undefined;
  const at = text.indexOf('=');
  if (at === -1) return { name: text, value: undefined };
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

function unknown(name: string): GoFlags {
  if (name === 'help' || name === 'h') return { ok: false, wrong: 'help' };
  return wrong(`flag provided but not defined: -${redactIfUrl(name)}`);
}

function wrong(message: string): GoFlags {
  return { ok: false, wrong: message };
}

type Read =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly wrong: string };

function readValue(flag: GoFlag, given: string): Read {
  const { name, kind } = flag;
  const shown = JSON.stringify(flag.sealed ? '(not shown)' : redactIfUrl(given));
  if (kind === 'bool') {
    const value = BOOLEANS[given];
    if (value !== undefined) return { ok: true, value };
    return { ok: false, wrong: `invalid boolean value ${shown} for -${name}: parse error` };
  }
  const number = kind === 'int' ? wholeNumber(given) : undefined;
  const value = typeof number === 'bigint' ? String(number) : given;
  const why = typeof number === 'string' ? number : flag.wrong?.(value);
  if (why === undefined) return { ok: true, value };
  return { ok: false, wrong: `invalid value ${shown} for flag -${name}: ${why}` };
}

/** Source: Go, strconv.ParseBool. */
const BOOLEANS: Readonly<Record<string, 'true' | 'false'>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, 'true'])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, 'false'])),
};

/** Decimal, `0x`, `0o`, `0b` or octal by a leading 0, with `_` between digits. */
const WHOLE_NUMBER =
  /^(?<sign>[+-]?)(?:(?<prefix>0[xob])_?|(?<octal>0)_?(?=[0-9a-f]))?(?<digits>[0-9a-f](?:_?[0-9a-f])*)$/i;

/** Source: Go, strconv.ParseInt with base 0 and 64 bits. */
function wholeNumber(text: string): bigint | 'parse error' | 'value out of range' {
  const groups = WHOLE_NUMBER.exec(text)?.groups;
  if (groups === undefined) return 'parse error';
  const { sign = '', prefix = '', octal, digits = '' } = groups;
  const base = octal === undefined ? prefix.toLowerCase() : '0o';
  try {
    const size = BigInt(base + digits.replaceAll('_', ''));
    const value = sign === '-' ? -size : size;
    return BigInt.asIntN(64, value) === value ? value : 'value out of range';
  } catch {
    return 'parse error';
  }
}

/** Every flag with what it is for, as Go prints it: by name, the default behind it. */
export function goUsage(program: string, flags: readonly GoFlag[]): string {
  const sorted = flags.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [`Usage of ${program}:\n`, ...sorted.map(usageOf)].join('');
}

function usageOf({ name, kind, about, fallback }: GoFlag): string {
  const type = { string: ' string', int: ' int', bool: '', list: ' value' }[kind];
  const shown = kind === 'string' ? JSON.stringify(fallback) : fallback;
  const otherwise = fallback === undefined ? '' : ` (default ${shown})`;
  return `  -${name}${type}\n    \t${about}${otherwise}\n`;
}

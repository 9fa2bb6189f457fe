import { redactIfUrl } from '../io/http/redact-url.ts';
import type { CompatFlag, Dialect, Read } from './flags.ts';

/** The problem that asks for the usage. */
export const HELP = 'help';

/** Go's package `flag`. Source: Go, src/flag/flag.go. */
export const GO: Dialect = {
  syntaxProblem: (word) =>
    /^[-=]/.test(word.replace(/^--?/, '')) ? `bad flag syntax: ${redactIfUrl(word)}` : undefined,
  unknown: (_word, name) =>
    name === 'help' || name === 'h' ? HELP : `flag provided but not defined: -${redactIfUrl(name)}`,
  hasNegation: false,
  readSwitch(name, inline = 'true') {
    if (TRUE.includes(inline)) return { value: 'true' };
    if (FALSE.includes(inline)) return { value: 'false' };
    return { problem: `invalid boolean value ${quote(inline)} for -${name}: parse error` };
  },
  readValue(name, flag, given) {
    const read: Read = flag.kind === 'int' ? readInteger(given) : { value: given };
    const problem = 'problem' in read ? read.problem : flag.problem?.(read.value);
    if (problem === undefined) return read;
    const shown = flag.sealed ? '"(not shown)"' : quote(given);
    return { problem: `invalid value ${shown} for flag -${name}: ${problem}` };
  },
  isValue: () => true,
  missingValue: (name) => `flag needs an argument: -${name}`,
  usage: (program, flags) => {
    const sorted = Object.entries(flags).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [`Usage of ${program}:\n`, ...sorted.map(flagUsage)].join('');
  },
};

/** Source: Go, strconv.ParseBool. */
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** Decimal, `0x`, `0o`, `0b` or octal by a leading 0, with `_` between digits. */
const INTEGER =
  /^(?<sign>[+-]?)(?:(?<prefix>0[xob])_?|(?<octal>0)_?(?=[0-9a-f]))?(?<digits>[0-9a-f](?:_?[0-9a-f])*)$/i;

/** Source: Go, strconv.ParseInt with base 0 and 64 bits. */
function readInteger(text: string): Read {
  const groups = INTEGER.exec(text)?.groups;
  if (groups === undefined) return { problem: 'parse error' };
  const { sign = '', prefix = '', octal, digits = '' } = groups;
  const base = octal === undefined ? prefix.toLowerCase() : '0o';
  try {
    const size = BigInt(base + digits.replaceAll('_', ''));
    const value = sign === '-' ? -size : size;
    if (BigInt.asIntN(64, value) !== value) return { problem: 'value out of range' };
    return { value: String(value) };
  } catch {
    return { problem: 'parse error' };
  }
}

/** A value in a message: not if it may hold a credential (P8). */
function quote(value: string): string {
  return JSON.stringify(redactIfUrl(value));
}

function flagUsage([name, flag]: readonly [string, CompatFlag]): string {
  const { kind = 'text', help, default: fallback } = flag;
  const type = { text: ' string', int: ' int', bool: '', list: ' value' }[kind];
  const shown = kind === 'text' ? JSON.stringify(fallback) : fallback;
  const otherwise = fallback === undefined ? '' : ` (default ${shown})`;
  return `  -${name}${type}\n    \t${help}${otherwise}\n`;
}

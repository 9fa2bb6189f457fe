import { redactIfUrl } from '../io/http/redact-url.ts';
import { type CompatFlag, type Dialect, type GivenValues, isFlag, type Problem } from './flags.ts';

/**
 * kingpin, as prometheus-config-reloader uses it. Leaves out what that program has no use for:
 * short flags, and arguments from a file by `@file`. kingpin reads one dash as short flags; here
 * `-name` is `--name`. Source: alecthomas/kingpin v2, lexer.go and parser.go.
 */
export const KINGPIN: Dialect = {
  unknown: (word, name) =>
    word.startsWith('--')
      ? `unknown long flag '--${redactIfUrl(name)}'`
      : `unknown short flag '-${name.slice(0, 1)}'`,
  hasNegation: true,
  readSwitch: (_name, inline, isNegated) =>
    inline === undefined
      ? { value: String(!isNegated) }
      : { problem: `unexpected ${redactIfUrl(inline)}` },
  // kingpin checks values only after it has read all words.
  readValue: (_name, _flag, value) => ({ value }),
  // A value that looks like a flag is given with `=`.
  isValue: (word) => !isFlag(word),
  missingValue: (name) => `expected argument for flag '--${name}'`,
  checkAll(given, [extra], flags) {
    if (extra !== undefined) return { problem: `unexpected ${redactIfUrl(extra)}` };
    // A call for help goes before a wrong value.
    if (given.get('help')?.includes('true')) return undefined;
    return Object.entries(flags)
      .map(([name, flag]) => valueProblem(name, flag, given))
      .find((problem) => problem !== undefined);
  },
  usage: (program, flags) => {
    const rows = Object.entries(flags).map(([name, { kind, help, default: fallback }]) => {
      const value = fallback === undefined ? name.toUpperCase() : JSON.stringify(fallback);
      const head = kind === 'bool' ? `--[no-]${name}` : `--${name}=${value}`;
      return `  ${head}${kind === 'list' ? ' ...' : ''}\n      ${help}\n`;
    });
    return `usage: ${program} [<flags>]\n\n\nFlags:\n${rows.join('')}\n`;
  },
};

function valueProblem(
  name: string,
  { kind, problem: check }: CompatFlag,
  given: GivenValues,
): Problem | undefined {
  const values = given.get(name) ?? [];
  if (kind !== 'list' && values.length > 1) return { problem: `flag '${name}' cannot be repeated` };
  for (const value of values) {
    const problem = check?.(value);
    if (problem === undefined) continue;
    const hidden = `invalid value (not shown) for flag '--${name}'`;
    return { problem: quotesUrl(problem, value) ? hidden : problem, flag: name };
  }
  return undefined;
}

/** A URL, and so a password, may have been given to the wrong flag (P8). */
function quotesUrl(problem: string, value: string): boolean {
  const isQuoted = [value, JSON.stringify(value).slice(1, -1)].some((text) =>
    problem.includes(text),
  );
  return isQuoted && redactIfUrl(value) !== value;
}

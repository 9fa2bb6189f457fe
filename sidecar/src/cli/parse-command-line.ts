import { parseArgs } from 'node:util';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { suggestion } from '../settings/did-you-mean.ts';
import { shownValue } from '../settings/wording.ts';
import type { Env } from '../steps/expand/expand.ts';
import type { Command, CommandInput, Flag } from './command.ts';
import { COMMANDS, NAMED_COMMANDS, RUN } from './commands.ts';

/** What the command line asks for. */
export type CommandLine =
  | { readonly kind: 'command'; readonly command: Command; readonly input: CommandInput }
  /** Here and below, `about` is the command, or the first word of several, that the help is about. */
  | { readonly kind: 'help'; readonly about: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly about: string; readonly finding: Finding };

/** The values of each flag, in order; those of a switch are empty. */
type GivenFlags = ReadonlyMap<string, readonly string[]>;

/**
 * Parses the arguments after the program's own name. Reads no file and never throws: wrong usage is
 * a finding `LG_USAGE`.
 */
export function parseCommandLine(argv: readonly string[], env: Env): CommandLine {
  const foreign = NAMED_COMMANDS.find(({ name, isForeign }) => isForeign && name === argv[0]);
  if (foreign !== undefined) return parseForeign(foreign, argv.slice(1));
  const parsed = sortArguments(argv);
  // Which words belong to an unknown flag is unknown too: the command is what the line begins with.
  if (typeof parsed === 'string') return wrong(aboutOf(argv), parsed);
  const { flags, words } = parsed;
  const about = aboutOf(words);
  if (flags.has('help')) return { kind: 'help', about };
  if (flags.has('version')) return { kind: 'version' };
  const named = findCommand(words);
  if (named === undefined) return wrong(about, unknownCommand(words));
  const { command, operands } = named;
  const { maxOperands = command.operands ? Number.POSITIVE_INFINITY : 0 } = command;
  const extra = operands[maxOperands];
  if (extra !== undefined) return wrong(about, `unexpected argument ${shownValue(extra)}`);
  const stray = [...flags.keys()].find((name) => !Object.hasOwn(command.flags, name));
  if (stray !== undefined) {
    const taker = command === RUN ? 'lastgood without a command' : command.name;
    return wrong(about, `${taker} does not take --${stray}`);
  }
  const values: Record<string, CommandInput['flags'][string]> = {};
  for (const [name, flag] of Object.entries(command.flags)) {
    const problem = flagProblem(name, flag, flags);
    if (problem !== undefined) return wrong(about, problem);
    values[name] = readFlag(flag, flags.get(name), env);
  }
  return checkUsage(command, { operands, flags: values });
}

function parseForeign(command: Command, operands: readonly string[]): CommandLine {
  const [first = ''] = operands;
  if (['--help', '-h'].includes(first)) return { kind: 'help', about: command.name };
  return checkUsage(command, { operands, flags: {} });
}

function checkUsage(command: Command, input: CommandInput): CommandLine {
  const problem = command.wrongUsage?.(input);
  return problem === undefined ? { kind: 'command', command, input } : wrong(command.name, problem);
}

function wrong(about: string, message: string): CommandLine {
  return { kind: 'wrong', about, finding: findingOf('LG_USAGE', [message]) };
}

/** The flags of all commands: they may also come before the name of the command. */
const FLAGS = new Map<string, Pick<Flag, 'value'>>([
  ...COMMANDS.flatMap(({ flags }) => Object.entries(flags)),
  ['help', {}],
  ['version', {}],
]);

/** The flags and the words between them, or what is wrong. */
function sortArguments(argv: readonly string[]) {
  const options = [...FLAGS].map(([name, { value }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, name === 'help' ? { type, short: 'h' } : { type }] as const;
  });
  // Not strict: the errors of parseArgs give other advice, and no suggestion.
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags = new Map<string, string[]>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value = '', inlineValue } = token;
    const flag = FLAGS.get(name);
    if (flag === undefined) {
      const names = [...FLAGS.keys()].map((each) => `--${each}`);
      return `unknown flag ${rawName}${suggestion(rawName, names)}`;
    }
    if (flag.value === undefined && token.value !== undefined) return `${rawName} takes no value`;
    // `--config --once` lacks the file; a file of that name is written `--config=--once`. A dash
    // alone is standard input.
    if (flag.value !== undefined && (value === '' || (/^-./.test(value) && !inlineValue)))
      return `${rawName} needs a value`;
    flags.set(name, [...(flags.get(name) ?? []), value]);
  }
  return { flags, words };
}

function flagProblem(
  name: string,
  { choices, needs }: Flag,
  flags: GivenFlags,
): string | undefined {
  const value = flags.get(name)?.at(-1);
  if (value === undefined) return undefined;
  if (needs !== undefined && !flags.has(needs)) return `--${name} needs --${needs}`;
  if (choices === undefined || choices.includes(value)) return undefined;
  const rule = `--${name} must be one of ${choices.join(', ')} (is ${shownValue(value)})`;
  return rule + suggestion(value, choices);
}

function readFlag(
  { value, multiple, env: variable = '', default: fallback }: Flag,
  given: readonly string[] | undefined,
  env: Env,
): CommandInput['flags'][string] {
  if (value === undefined) return given !== undefined;
  if (multiple) return given ?? [];
  return given?.at(-1) ?? (env[variable] || fallback);
}

/** The command that the first words name, the longest name first, and the words after it. */
function findCommand(words: readonly string[]) {
  if (words.length === 0) return { command: RUN, operands: words };
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = NAMED_COMMANDS.find((each) => each.name === name);
    if (command !== undefined) return { command, operands: words.slice(length) };
  }
  return undefined;
}

/** What the help for these words is about. */
function aboutOf(words: readonly string[]): string {
  return findCommand(words)?.command.name ?? groupOf(words);
}

/** The first word, if commands of two words begin with it; else the name of the default command. */
function groupOf([first = '']: readonly string[]): string {
  return NAMED_COMMANDS.some(({ name }) => name.startsWith(`${first} `)) ? first : RUN.name;
}

function unknownCommand(words: readonly string[]): string {
  const [first = ''] = words;
  // In `schema infr` the second word is misspelt; `schema` alone lacks it.
  const word = groupOf(words) === first ? words.slice(0, 2).join(' ') : first;
  const names = NAMED_COMMANDS.map(({ name }) => name);
  return `unknown command ${shownValue(word)}${suggestion(word, names)}`;
}

import { parseArgs } from 'node:util';
import { findingOf } from '../errors.ts';
import { suggestion } from '../settings/did-you-mean.ts';
import { shownValue } from '../settings/wording.ts';
import type { Finding } from '../verdict.ts';
import { COMMANDS, FLAGS, type FlagName } from './commands.ts';

/** Where the settings are when nobody says otherwise. */
export const DEFAULT_CONFIG = '/etc/lastgood/lastgood.yaml';

/** What the command line asks for. */
export type CommandLine =
  | {
      readonly ok: true;
      readonly command: 'run';
      /** Path of the settings file. */
      readonly config: string;
      /** Capture, validate, publish, and end. */
      readonly once: boolean;
    }
  | { readonly ok: true; readonly command: 'help' | 'version' | 'settings-schema' }
  | { readonly ok: false; readonly finding: Finding };

/** Flags by name: a text for those that take one, else true. */
type Flags = Partial<Record<FlagName, string | true>>;

interface Words {
  readonly flags: Flags;
  /** In their order, the command first. */
  readonly plain: readonly string[];
}

/**
 * Reads the arguments after the program's own name. Nothing is read or run, and nothing is thrown:
 * wrong usage is a finding `LG_USAGE`. `LASTGOOD_CONFIG` stands in for `--config`.
 */
export function parseCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const words = wordsOf(argv);
  if (typeof words === 'string') return wrong(words);
  const { flags, plain } = words;
  if (flags.help) return { ok: true, command: 'help' };
  if (flags.version) return { ok: true, command: 'version' };
  const [name, extra] = plain;
  const command = COMMANDS.find((each) => each.name === (name ?? 'run'));
  if (command === undefined || name === 'run') return wrong(unknownCommand(name ?? 'run'));
  if (extra !== undefined) return wrong(`unexpected argument ${shownValue(extra)}`);
  const taken: readonly string[] = command.flags;
  const stray = Object.keys(flags).find((flag) => !taken.includes(flag));
  if (stray !== undefined) return wrong(`${command.name} takes no --${stray}`);
  if (command.name !== 'run') return { ok: true, command: command.name };
  const config = flags.config ?? (env.LASTGOOD_CONFIG || DEFAULT_CONFIG);
  return { ok: true, command: 'run', config: String(config), once: flags.once === true };
}

function wrong(message: string): CommandLine {
  return { ok: false, finding: findingOf('LG_USAGE', [message]) };
}

function unknownCommand(name: string): string {
  const names = COMMANDS.map((command) => command.name).filter((each) => each !== 'run');
  return `unknown command ${shownValue(name)}${suggestion(name, names)}`;
}

/** Sorts the arguments, or says what is wrong with one. */
function wordsOf(argv: readonly string[]): Words | string {
  // Not strict: the errors of parseArgs carry advice that is not ours, and no suggestion.
  const { tokens } = parseArgs({
    args: [...argv],
    options: FLAGS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags: Flags = {};
  const plain: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') plain.push(token.value);
    if (token.kind !== 'option') continue;
    if (!isFlag(token.name)) return unknownFlag(token.rawName);
    const value = flagValue(token.name, token);
    if (typeof value === 'object') return value.wrong;
    flags[token.name] = value;
  }
  return { flags, plain };
}

interface FlagToken {
  readonly rawName: string;
  readonly value: string | undefined;
  /** It was written `--flag=value`. */
  readonly inlineValue: boolean | undefined;
}

function flagValue(
  name: FlagName,
  { rawName, value, inlineValue }: FlagToken,
): string | true | { wrong: string } {
  if (FLAGS[name].type === 'boolean')
    return value === undefined ? true : { wrong: `${rawName} takes no value` };
  // `--config --once` forgot the file; who means a file of that name writes `--config=--once`.
  if (!value || (value.startsWith('-') && !inlineValue))
    return { wrong: `${rawName} needs a value` };
  return value;
}

function isFlag(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

function unknownFlag(rawName: string): string {
  const names = Object.keys(FLAGS).map((name) => `--${name}`);
  return `unknown flag ${rawName}${suggestion(rawName, names)}`;
}

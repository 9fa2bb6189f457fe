import { parseArgs } from 'node:util';
import { suggestion } from '../settings/did-you-mean.ts';
import { FLAGS, type FlagName } from './commands.ts';

/** Flags by name, each with its values in their order: a text for those that take one, else true. */
export type Flags = Partial<Record<FlagName, readonly (string | true)[]>>;

/** The arguments, sorted. */
export interface ParsedArgs {
  readonly flags: Flags;
  /** In their order, the command first. */
  readonly plain: readonly string[];
}

/** Sorts the arguments, or says what is wrong with one. */
export function parseArgv(argv: readonly string[]): ParsedArgs | string {
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
    flags[token.name] = [...(flags[token.name] ?? []), value];
  }
  return { flags, plain };
}

/** Every value of a flag that takes one. */
export function textsOf(flags: Flags, name: FlagName): readonly string[] {
  return (flags[name] ?? []).map(String);
}

/** The value of a flag that takes one; of several, the last. */
export function textOf(flags: Flags, name: FlagName): string | undefined {
  return textsOf(flags, name).at(-1);
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
  // `--config --once` forgot the file; who means a file of that name writes `--config=--once`. A dash
  // alone is standard input.
  if (!value || (/^-./.test(value) && !inlineValue)) return { wrong: `${rawName} needs a value` };
  return value;
}

function isFlag(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name);
}

function unknownFlag(rawName: string): string {
  const names = Object.keys(FLAGS).map((name) => `--${name}`);
  return `unknown flag ${rawName}${suggestion(rawName, names)}`;
}

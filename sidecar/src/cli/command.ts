import type { Clock } from '@lastgood/core/model/clock.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { CompatExit } from '../compat/reloader-compat.ts';
import type { Env } from '../steps/expand/expand.ts';
import type { ReportStyle } from './report/report.ts';

/** A flag: how the command line reads it, and how the help shows it. */
export interface Flag {
  /** The placeholder of its value in the help, such as FILE. A flag without one is a switch. */
  readonly value?: string;
  readonly help: string;
  /** It may be repeated. Of other flags, the last one counts. */
  readonly multiple?: true;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  readonly default?: string;
  /** The environment variable to use if the flag is not set. */
  readonly env?: string;
  /** The flag without which this one has no effect. */
  readonly needs?: string;
}

export type FlagTable = Readonly<Record<string, Flag>>;

type Value = string | readonly string[] | boolean | undefined;

type ValueOf<F extends Flag> = F extends { value: string }
  ? F extends { multiple: true }
    ? readonly string[]
    :
        | (F extends { choices: readonly (infer Choice)[] } ? Choice : string)
        | (F extends { default: string } ? never : undefined)
  : boolean;

/** The values that the flags of a table have on one command line. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: ValueOf<Table[Name]>;
};

export interface CommandInput<Values = Readonly<Record<string, Value>>> {
  /** What follows the name of the command, without its flags. */
  readonly operands: readonly string[];
  readonly flags: Values;
}

/** What a command needs of the process that it runs in. */
export interface CommandContext extends ReportStyle {
  readonly env: Env;
  readonly clock: Clock;
  standardInput(): Promise<Buffer>;
  /** Aborts at the first SIGTERM or SIGINT. Without a call, a signal ends the process at once. */
  stopSignal(): AbortSignal;
}

/** How a command ended. */
export interface CommandResult {
  /** `unusable`: wrong usage, wrong settings, or something that cannot be read or written. */
  readonly end: 'good' | 'bad' | 'unusable';
  /** For standard output. */
  readonly output: string;
  /** For standard error: why the command failed. */
  readonly findings: readonly Finding[];
  /** The sidecar did not run, but a command, which may have been started in its container. */
  readonly isCommand?: true;
  /** For standard error: what the command left out, however it ended. */
  readonly notes?: readonly string[];
}

/** One command: its name, flags and help, and what it does. */
export interface Command<Values = Readonly<Record<string, Value>>> {
  /** One word, or several separated by spaces. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Usage lines, without the name of the program. */
  readonly usage: readonly string[];
  readonly description: string;
  /** The help of its operands, by placeholder. */
  readonly operands?: Readonly<Record<string, string>>;
  /** How many operands it takes; default: any number if their help is there, else none. */
  readonly maxOperands?: number;
  readonly flags: FlagTable;
  /** Text below the flags in the help. */
  readonly flagNotes?: string;
  /** The help of each exit code. */
  readonly exitCodes: Readonly<Record<number, string>>;
  readonly examples: readonly string[];
  /** What follows its name is another program's command line, and is not read as flags. */
  readonly isForeign?: true;
  /** It may need more memory than the heap of a sidecar has. */
  readonly needsLargeHeap?: true;
  /** What is wrong with the usage, beyond what the table of flags tells. */
  wrongUsage?(input: CommandInput<Values>): string | undefined;
  /** Imports what it needs only when it runs, so that other commands start without it. */
  run(input: CommandInput<Values>, context: CommandContext): Promise<CommandResult | CompatExit>;
}

/** Types a command by its table of flags. */
export function defineCommand<const Table extends FlagTable>(
  command: Command<FlagValues<Table>> & { readonly flags: Table },
): Command {
  return command;
}

/** The end of a command that cannot do what the command line asks for. */
export function unusable(findings: readonly Finding[]): CommandResult {
  return { end: 'unusable', output: '', findings };
}

export function wrongUsage(...messages: readonly string[]): CommandResult {
  return unusable(messages.map((message) => findingOf('LG_USAGE', [message])));
}

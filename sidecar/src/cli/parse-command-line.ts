import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { suggestion } from '../settings/did-you-mean.ts';
import { shownValue } from '../settings/wording.ts';
import { parseArgv } from './argv.ts';
import { COMMANDS, type CommandName } from './commands.ts';
import { PARSERS } from './flag-parsers.ts';
import type { SchemaCheckRequest, SchemaInferRequest } from './schema/request.ts';
import type { ValidateRequest } from './validate/request.ts';

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
  | { readonly ok: true; readonly command: 'validate'; readonly request: ValidateRequest }
  | { readonly ok: true; readonly command: 'schema infer'; readonly request: SchemaInferRequest }
  | { readonly ok: true; readonly command: 'schema check'; readonly request: SchemaCheckRequest }
  | { readonly ok: true; readonly command: 'presets'; readonly name: string | undefined }
  /** `about` is the command that was named beside --help. */
  | { readonly ok: true; readonly command: 'help'; readonly about: CommandName }
  /** What the command line of another reloader stands for; `argv` is that command line. */
  | { readonly ok: true; readonly command: 'explain'; readonly argv: readonly string[] }
  | { readonly ok: true; readonly command: 'version' | 'settings-schema' }
  | { readonly ok: false; readonly finding: Finding };

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the arguments after the program's own name. Nothing is read or run, and nothing is thrown:
 * wrong usage is a finding `LG_USAGE`. `LASTGOOD_CONFIG` stands in for `--config` of a run.
 */
export function parseCommandLine(argv: readonly string[], env: Env): CommandLine {
  const [first, ...others] = argv;
  if (first === 'explain') return readExplain(others);
  const words = parseArgv(argv);
  if (typeof words === 'string') return wrong(words);
  const { flags, plain } = words;
  const named = commandOf(plain);
  if (flags.help) return { ok: true, command: 'help', about: named?.command.name ?? 'run' };
  if (flags.version) return { ok: true, command: 'version' };
  if (named === undefined) return wrong(unknownCommand(plain));
  const { command, operands } = named;
  const [extra] = operands;
  if (extra !== undefined && command.operands === '')
    return wrong(`unexpected argument ${shownValue(extra)}`);
  const taken: readonly string[] = command.flags;
  const stray = Object.keys(flags).find((flag) => !taken.includes(flag));
  if (stray !== undefined) return wrong(`${command.name} takes no --${stray}`);
  const read = PARSERS[command.name]({ flags, operands, env });
  return typeof read === 'string' ? wrong(read) : read;
}

/** What follows are another program's flags: nothing of ours is looked for among them. */
function readExplain(argv: readonly string[]): CommandLine {
  const [first] = argv;
  if (first === '--help' || first === '-h') return { ok: true, command: 'help', about: 'explain' };
  if (first === undefined) return wrong('explain needs the command line of another reloader');
  return { ok: true, command: 'explain', argv };
}

function wrong(message: string): CommandLine {
  return { ok: false, finding: findingOf('LG_USAGE', [message]) };
}

/** The command that the first words name, the longest name first, and the words after it. */
function commandOf(plain: readonly string[]) {
  if (plain.length === 0) return { command: COMMANDS[0], operands: plain };
  for (const length of [2, 1]) {
    const name = plain.slice(0, length).join(' ');
    const command = namedCommands.find((each) => each.name === name);
    if (command !== undefined) return { command, operands: plain.slice(length) };
  }
  return undefined;
}

function unknownCommand(plain: readonly string[]): string {
  const names: readonly string[] = namedCommands.map(({ name }) => name);
  const [first = ''] = plain;
  // `schema infr` is the second word of a command misspelt, and `schema` alone lacks it.
  const isGroup = names.some((name) => name.startsWith(`${first} `));
  const word = isGroup ? plain.slice(0, 2).join(' ') : first;
  return `unknown command ${shownValue(word)}${suggestion(word, names)}`;
}

const namedCommands = COMMANDS.filter(({ name }) => name !== 'run');

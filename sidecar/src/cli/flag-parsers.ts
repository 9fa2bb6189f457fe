import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import { suggestion } from '../settings/did-you-mean.ts';
import { SHAPE_MODES } from '../settings/settings.ts';
import { shownValue } from '../settings/wording.ts';
import { type Flags, textOf, textsOf } from './argv.ts';
import { type CommandName, DEFAULT_CONFIG, type FlagName } from './commands.ts';
import type { CommandLine } from './parse-command-line.ts';
import { OUTPUTS } from './report/outputs.ts';
import type { ValidateRequest } from './validate/request.ts';

/** What one command makes of its flags and operands. */
interface CommandInput {
  readonly flags: Flags;
  readonly operands: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How each command reads what belongs to it, or says what is wrong with it. */
export const PARSERS: Readonly<Record<CommandName, (asked: CommandInput) => CommandLine | string>> =
  {
    run: ({ flags, env }) => ({
      ok: true,
      command: 'run',
      config: textOf(flags, 'config') ?? (env.LASTGOOD_CONFIG || DEFAULT_CONFIG),
      once: flags.once !== undefined,
    }),
    validate: readValidate,
    'schema infer': readSchemaInfer,
    'schema check': readSchemaCheck,
    explain: ({ operands }) => ({ ok: true, command: 'explain', argv: operands }),
    presets: ({ operands: [name, extra] }) =>
      extra === undefined
        ? { ok: true, command: 'presets', name }
        : `unexpected argument ${shownValue(extra)}`,
    'settings-schema': () => ({ ok: true, command: 'settings-schema' }),
  };

function readValidate({ flags, operands }: CommandInput): CommandLine | string {
  const config = textOf(flags, 'config');
  if (operands.length === 0 && config === undefined)
    return 'validate needs a file, a directory, or - for standard input';
  for (const [flag, other] of NEEDED) {
    if (flags[flag] !== undefined && flags[other] === undefined)
      return `--${flag} needs --${other}`;
  }
  const useless = FOR_INPUTS.find((flag) => flags[flag] !== undefined);
  if (operands.length === 0 && useless !== undefined)
    return `--${useless} needs a file, a directory, or - for standard input`;
  const shapeOf = textOf(flags, 'shape-of');
  if (shapeOf === '-' && operands.includes('-')) return 'standard input can only be read once';
  const output = oneOf('output', OUTPUTS, flags);
  if (typeof output === 'object') return output.wrong;
  const shape = oneOf('shape', SHAPE_MODES, flags);
  if (typeof shape === 'object') return shape.wrong;
  const request: ValidateRequest = {
    inputs: operands,
    config,
    bundle: textOf(flags, 'bundle'),
    at: textOf(flags, 'at'),
    schemas: textsOf(flags, 'schema'),
    rules: textsOf(flags, 'rule'),
    formats: textsOf(flags, 'format'),
    shapeOf,
    shape,
    exec: flags.exec !== undefined,
    secret: flags.secret !== undefined,
    strict: flags.strict !== undefined,
    output: output ?? 'human',
  };
  return { ok: true, command: 'validate', request };
}

/** Flags that say nothing without another one. */
const NEEDED = [
  ['bundle', 'config'],
  ['exec', 'config'],
  ['at', 'config'],
  ['shape', 'shape-of'],
] as const satisfies readonly (readonly [FlagName, FlagName])[];

/** Flags of validate that say nothing where the settings themselves are checked. */
const FOR_INPUTS: readonly FlagName[] = [
  'schema',
  'rule',
  'format',
  'shape-of',
  'exec',
  'at',
  'secret',
];

function readSchemaInfer({ flags, operands }: CommandInput): CommandLine | string {
  if (operands.length === 0)
    return 'schema infer needs a file or a directory that is known to be good';
  const format = oneOf('format', ['auto', ...FORMAT_NAMES] as const, flags);
  if (typeof format === 'object') return format.wrong;
  const directory = textOf(flags, 'output');
  if (flags.force !== undefined && directory === undefined) return '--force needs --output';
  return {
    ok: true,
    command: 'schema infer',
    request: {
      paths: operands,
      keys: flags.keys !== undefined,
      open: flags.open !== undefined,
      secret: flags.secret !== undefined,
      format: format ?? 'auto',
      directory,
      force: flags.force !== undefined,
    },
  };
}

function readSchemaCheck({ flags, operands }: CommandInput): CommandLine | string {
  if (operands.length === 0) return 'schema check needs a file that holds a JSON Schema';
  const output = oneOf('output', OUTPUTS, flags);
  if (typeof output === 'object') return output.wrong;
  const strict = flags.strict !== undefined;
  const request = { paths: operands, strict, output: output ?? 'human' };
  return { ok: true, command: 'schema check', request };
}

interface Wrong {
  readonly wrong: string;
}

/** The value of a flag that takes one of a few words; undefined where it is not given. */
function oneOf<Word extends string>(
  flag: FlagName,
  words: readonly Word[],
  flags: Flags,
): Word | undefined | Wrong {
  const named = textOf(flags, flag);
  const word = words.find((each) => each === named);
  if (named === undefined || word !== undefined) return word;
  const rule = `--${flag} must be one of ${words.join(', ')} (is ${shownValue(named)})`;
  return { wrong: rule + suggestion(named, words) };
}

/** Every flag, in the form of `node:util` parseArgs. */
export const FLAGS = {
  config: { type: 'string' },
  once: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

export type FlagName = keyof typeof FLAGS;

interface Command {
  readonly name: string;
  /** As `--help` says it. */
  readonly summary: string;
  /** The flags that it takes, beside --help and --version. */
  readonly flags: readonly FlagName[];
}

/** Every command. `run` is the one that has no name on the command line. */
export const COMMANDS = [
  { name: 'run', summary: 'watch, prove, publish, deliver, confirm', flags: ['config', 'once'] },
  { name: 'settings-schema', summary: 'print the JSON Schema of the settings file', flags: [] },
] as const satisfies readonly Command[];

/** Where the settings are when nobody says otherwise. */
export const DEFAULT_CONFIG = '/etc/lastgood/lastgood.yaml';

/** Every flag, in the form of `node:util` parseArgs. `multiple` ones may be given several times. */
export const FLAGS = {
  config: { type: 'string' },
  once: { type: 'boolean' },
  bundle: { type: 'string' },
  schema: { type: 'string', multiple: true },
  rule: { type: 'string', multiple: true },
  format: { type: 'string', multiple: true },
  'shape-of': { type: 'string' },
  shape: { type: 'string' },
  exec: { type: 'boolean' },
  at: { type: 'string' },
  keys: { type: 'boolean' },
  open: { type: 'boolean' },
  force: { type: 'boolean' },
  secret: { type: 'boolean' },
  strict: { type: 'boolean' },
  output: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const satisfies Record<string, FlagOptions>;

interface FlagOptions {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: true;
}

export type FlagName = keyof typeof FLAGS;

interface Command {
  /** One word, or several with a space between them. */
  readonly name: string;
  /** As `--help` says it. */
  readonly summary: string;
  /** The flags that it takes, beside --help and --version. */
  readonly flags: readonly FlagName[];
  /** What follows its name, as the usage line says it; empty where nothing may. */
  readonly operands: string;
}

/** Every command. `run` is the one that has no name on the command line. */
export const COMMANDS = [
  {
    name: 'run',
    summary: 'watch, prove, publish, deliver, confirm',
    flags: ['config', 'once'],
    operands: '',
  },
  {
    name: 'validate',
    summary: 'check files, volumes and manifests, on a laptop or in CI',
    flags: [
      ...(['schema', 'rule', 'format', 'shape-of', 'shape'] as const),
      ...(['config', 'bundle', 'at', 'exec', 'secret', 'strict', 'output'] as const),
    ],
    operands: 'FILE|DIR|-...',
  },
  {
    name: 'schema infer',
    summary: 'learn a JSON Schema from configuration that is good',
    flags: ['keys', 'open', 'secret', 'format', 'output', 'force'],
    operands: 'FILE|DIR...',
  },
  {
    name: 'schema check',
    summary: 'tell what is wrong with a JSON Schema, and what looks so',
    flags: ['strict', 'output'],
    operands: 'FILE...',
  },
  {
    name: 'explain',
    summary: "print another reloader's flags as settings",
    flags: [],
    operands: 'FLAG...',
  },
  {
    name: 'presets',
    summary: 'list the presets, or print what one stands for',
    flags: [],
    operands: '[NAME]',
  },
  {
    name: 'settings-schema',
    summary: 'print the JSON Schema of the settings file',
    flags: [],
    operands: '',
  },
] as const satisfies readonly Command[];

export type CommandName = (typeof COMMANDS)[number]['name'];

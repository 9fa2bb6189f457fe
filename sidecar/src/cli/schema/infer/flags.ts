import { FORMAT_NAMES } from '@lastgood/core/formats/format.ts';
import type { FlagValues } from '../../command.ts';

/** The flags of `lastgood schema infer`. */
export const INFER_FLAGS = {
  keys: { help: 'Treat each directory as one example, and each file in it as a key' },
  open: { help: 'Allow keys that no example has (default)' },
  closed: { help: 'Reject keys that no example has, which finds misspelt optional keys' },
  secret: { help: 'Treat files as secret: show locations, never content' },
  format: {
    value: 'NAME',
    help: 'Read files as yaml, json, toml ..., whatever their names',
    choices: ['auto', ...FORMAT_NAMES],
    default: 'auto',
  },
  output: {
    value: 'DIR',
    help: 'Write each schema to DIR as NAME.schema.json; otherwise print the one schema',
  },
  force: { help: 'Overwrite existing schemas', needs: 'output' },
} as const;

/** The flags and arguments of `lastgood schema infer`. */
export type InferRequest = FlagValues<typeof INFER_FLAGS> & {
  /** Files that are examples of one kind, or directories, or manifests. */
  readonly paths: readonly string[];
};

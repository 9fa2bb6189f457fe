import { SHAPE_MODES } from '../../settings/settings.ts';
import type { FlagValues } from '../command.ts';
import { REPORT_FLAGS } from '../report/flags.ts';

export const VALIDATE_FLAGS = {
  schema: {
    value: '[GLOB=]FILE',
    help: 'Check files against this JSON Schema',
    multiple: true,
  },
  rule: {
    value: '[GLOB=]CEL',
    help: 'Check files against a rule: self.replicas > 0',
    multiple: true,
  },
  format: {
    value: '[GLOB=]NAME',
    help: 'Read files as yaml, json, text ..., whatever their names',
    multiple: true,
  },
  'shape-of': {
    value: 'OLD',
    help: 'Compare with this good version, a file, DIR or -; rules see it as oldSelf',
  },
  shape: {
    value: 'MODE',
    help: 'How to compare: off, warn (default), compatible or same',
    choices: SHAPE_MODES,
    needs: 'shape-of',
  },
  config: {
    value: 'FILE',
    help: `Run the checks of these settings, for the bundles whose objects or named files are
      present; schemas may be beside FILE`,
  },
  bundle: { value: 'NAME', help: 'Run the checks of this bundle only', needs: 'config' },
  at: { value: 'PATH', help: 'Treat files as those of the volume "at: PATH"', needs: 'config' },
  exec: {
    help: 'Run exec checks too, on a copy of a DIR or manifest',
    needs: 'config',
  },
  secret: { help: 'Treat files as secret: show locations, never content' },
  ...REPORT_FLAGS,
} as const;

/** The flags and arguments of `lastgood validate`. */
export type ValidateRequest = FlagValues<typeof VALIDATE_FLAGS> & {
  /** Paths of files and directories; `-` is standard input. Empty to check the settings alone. */
  readonly inputs: readonly string[];
};

import { defineCommand } from '../command.ts';
import { VALIDATE_FLAGS } from './flags.ts';

/** Flags that have no effect if the settings themselves are checked. */
const FOR_INPUTS = ['schema', 'rule', 'format', 'shape-of', 'exec', 'at', 'secret'] as const;

const INPUT = 'a file, a directory, or - for standard input';

export const validate = defineCommand({
  name: 'validate',
  summary: 'Check files, volumes and manifests, on a laptop or in CI',
  usage: ['validate FILE|DIR|-... [flags]', 'validate --config FILE [flags]'],
  description: `Run the sidecar's checks before you apply a change. Changes nothing. Without an
    argument, check the settings file itself.`,
  operands: {
    FILE: 'A manifest (ConfigMap, Secret, pods), or any other file',
    DIR: 'Manifests and files, or the content of a mounted volume',
    '-': 'Standard input, such as the output of helm template',
  },
  flags: VALIDATE_FLAGS,
  flagNotes: `With GLOB=, a flag applies to matching files only; repeat it for others. A FILE that
    starts with /, ./ or ../ is never split at =.`,
  exitCodes: {
    0: 'No errors',
    1: 'There are errors, or with --strict warnings',
    2: 'Wrong usage, wrong settings, or unreadable input',
  },
  examples: ['kustomize build overlays/prod | lastgood validate - --config lastgood.yaml'],
  needsLargeHeap: true,
  wrongUsage: ({ operands, flags }) => {
    if (operands.length > 0)
      return flags['shape-of'] === '-' && operands.includes('-')
        ? 'standard input can only be read once'
        : undefined;
    if (flags.config === undefined) return `validate needs ${INPUT}`;
    const useless = FOR_INPUTS.find((name) => [flags[name]].flat().some(Boolean));
    return useless === undefined ? undefined : `--${useless} needs ${INPUT}`;
  },
  run: async ({ operands, flags }, context) => {
    const work = await import('./validate.ts');
    const request = { inputs: operands, ...flags };
    if (!flags.exec) return work.validate(request, context);
    // A command runs in its own session, which Ctrl-C does not reach.
    const signal = context.stopSignal();
    try {
      return await work.validate(request, context, signal);
    } catch (thrown) {
      if (signal.aborted) return { end: 'bad', output: '', findings: [] };
      throw thrown;
    }
  },
});

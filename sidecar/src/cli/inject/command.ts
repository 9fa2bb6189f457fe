import { defineCommand, unusable } from '../command.ts';
import { DIFF, INJECT_FLAGS } from './flags.ts';

const OPERANDS = {
  FILE: 'A manifest in YAML, JSON or KYAML, such as the output of kustomize build',
  '-': 'Standard input, as without an argument',
};

const EXIT_CODES = {
  0: 'Success',
  1: 'A manifest that cannot be changed like this; nothing is printed',
  2: 'Wrong usage, or unreadable input',
};

export const inject = defineCommand({
  name: 'inject',
  summary: 'Add lastgood to the workloads of a manifest',
  usage: ['inject [FILE|-...] [flags]'],
  description: `Print the manifest with lastgood as a native sidecar of each workload that mounts a
    ConfigMap, and a ConfigMap with its settings. Takes the place of another reloader. Keeps
    comments, order and every byte of the rest. Run again, it replaces what it wrote, and keeps
    what you have edited in it.`,
  operands: OPERANDS,
  flags: INJECT_FLAGS,
  exitCodes: EXIT_CODES,
  examples: ['kustomize build . | lastgood inject --webhook http://localhost:8080/reload'],
  needsLargeHeap: true,
  wrongUsage: ({ flags }) => {
    if (flags.signal !== undefined && flags.mode !== 'signal')
      return '--signal needs --mode signal';
    if (flags.signal !== undefined && flags.webhook !== undefined)
      return '--signal and --webhook exclude each other';
    if (flags.settings !== undefined && flags.mode === 'drop-in')
      return '--mode drop-in takes no --settings';
    return flags.webhook !== undefined && flags.mode === 'sdk'
      ? '--mode sdk takes no --webhook'
      : undefined;
  },
  run: async ({ operands, flags }, context) => {
    const [{ changeFiles }, { injectText }, { readOwnSettings }] = await Promise.all([
      import('./change-files.ts'),
      import('./inject-text.ts'),
      import('./own-settings.ts'),
    ]);
    const { version } = context;
    const settings =
      flags.settings === undefined ? undefined : await readOwnSettings(flags.settings);
    if (settings !== undefined && 'findings' in settings) return unusable(settings.findings);
    const image = flags.image ?? `lastgood:${version}`;
    const options = { ...flags, image, isImageSet: flags.image !== undefined, settings, version };
    return changeFiles(operands, flags.diff, context, (file, text) =>
      injectText(file, text, options),
    );
  },
});

export const uninject = defineCommand({
  name: 'uninject',
  summary: 'Take out what inject has written',
  usage: ['uninject [FILE|-...] [--diff]'],
  description: 'Print the manifest as it was before lastgood inject, byte for byte.',
  operands: OPERANDS,
  flags: { diff: DIFF },
  exitCodes: EXIT_CODES,
  examples: ['lastgood uninject deployment.yaml'],
  needsLargeHeap: true,
  run: async ({ operands, flags }, context) => {
    const [{ changeFiles }, { uninjectText }] = await Promise.all([
      import('./change-files.ts'),
      import('./uninject-text.ts'),
    ]);
    return changeFiles(operands, flags.diff, context, (file, text) => uninjectText(file, text));
  },
});

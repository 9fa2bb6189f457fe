import { defineCommand } from '../command.ts';
import { REPORT_FLAGS } from '../report/flags.ts';
import { DEFAULT_CONFIG } from '../run/command.ts';

const VERSION = /^v?1\.(\d{1,3})(?:\.\d+)?$/;

/** The minor version of `--kubernetes`; NaN if it is not a version. */
function minorOf(version: string): number {
  return Number(VERSION.exec(version)?.[1] ?? Number.NaN);
}

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Find what keeps a change from the app',
  usage: ['doctor FILE|DIR|-... [flags]', 'doctor [--config FILE]', 'doctor --explain CODE'],
  description: `Find in manifests what keeps a changed ConfigMap or Secret from reaching the app, or
    lets the change do harm. Without an argument, check the container that it runs in. Changes
    nothing.`,
  operands: {
    FILE: 'A manifest',
    DIR: 'A directory with manifests',
    '-': 'Standard input, such as the output of kustomize build or helm template',
  },
  flags: {
    kubernetes: {
      value: 'VERSION',
      help: 'Version of the cluster, such as 1.34: report what it does not have',
    },
    config: {
      value: 'FILE',
      help: `In a pod: the settings to check for (LASTGOOD_CONFIG,
        ${DEFAULT_CONFIG})`,
      env: 'LASTGOOD_CONFIG',
      default: DEFAULT_CONFIG,
    },
    'failure-threshold': {
      value: 'LEVEL',
      help: 'Exit with 1 for: error (default), warning, or none',
      choices: ['error', 'warning', 'none'],
      default: 'error',
    },
    baseline: {
      value: 'FILE',
      help: 'Leave out the findings of this report of --output json',
    },
    explain: { value: 'CODE', help: 'Print what a code means, why it matters and what to do' },
    output: REPORT_FLAGS.output,
  },
  flagNotes: `To ignore a finding, write # doctor-ignore CODE: REASON on its line or above it, or give the
    object the annotation doctor.lastgood.dev/CODE: REASON.`,
  exitCodes: {
    0: 'No finding at the threshold',
    1: 'There are findings at the threshold or above',
    2: 'Wrong usage, or unreadable input',
  },
  examples: [
    'kustomize build overlays/prod | lastgood doctor - --kubernetes 1.34',
    'kubectl exec POD -c lastgood -- lastgood doctor',
  ],
  needsLargeHeap: true,
  wrongUsage: ({ operands, flags: { explain, kubernetes, baseline } }) => {
    if (operands.length === 0 && (kubernetes ?? baseline) !== undefined)
      return `--${kubernetes === undefined ? 'baseline' : 'kubernetes'} needs manifests`;
    if (operands.length > 0 && explain !== undefined) return '--explain takes no files';
    if (kubernetes !== undefined && Number.isNaN(minorOf(kubernetes)))
      return '--kubernetes must be a version such as 1.34';
    return undefined;
  },
  run: async ({ operands, flags }, context) => {
    if (flags.explain !== undefined)
      return (await import('./explain.ts')).explainCode(flags.explain);
    if (operands.length === 0) {
      const { examineContainer } = await import('./examine-container.ts');
      const strict = flags['failure-threshold'] === 'warning';
      const result = await examineContainer(flags.config, { ...flags, strict }, context);
      const isIgnored = flags['failure-threshold'] === 'none' && result.end === 'bad';
      return isIgnored ? { ...result, end: 'good' } : result;
    }
    const { examine } = await import('./examine.ts');
    const { kubernetes } = flags;
    const minor = kubernetes === undefined ? undefined : minorOf(kubernetes);
    return examine({ inputs: operands, minor, ...flags }, context);
  },
});

import type { Preset } from './preset.ts';

export const node = {
  about: 'Sends SIGHUP to a Node.js app that reads its configuration again then.',
  needs: [
    '`shareProcessNamespace: true` in the pod, so that the sidecar sees the process, and the same user or root.',
    '`process.on("SIGHUP", …)` in the app: without it the signal would end the app, and lastgood then sends none.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    process: {
      about: 'Base name of the executable, or of the script that an interpreter runs.',
      kind: 'process',
      default: 'node',
    },
    commandLine: {
      about: 'Regular expression of its command line, where several are called so.',
      kind: 'pattern',
      default: '.',
    },
    health: {
      about: 'URL that answers 2xx while the app works.',
      kind: 'url',
      required: true,
      example: 'http://localhost:8000/health',
    },
    version: {
      about: 'Dotted path into its JSON body where the app echoes the version that it was told.',
      kind: 'field',
      example: 'config.version',
    },
    check: {
      about: 'Command that must end with 0 before the change is published; off by default.',
      kind: 'words',
      example: ['node', '--check', '{dir}/config.js'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [{ signal: { process: '{process}', commandLine: '{commandLine}', signal: 'SIGHUP' } }],
  proof: {
    within: '{within}',
    hold: '{hold}',
    process: { process: '{process}', commandLine: '{commandLine}' },
    http: { url: '{health}', version: { json: '{version}' } },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'The last good files are put back, and the app is told again.',
  limits: [
    'A signal has no answer: an app that keeps its old configuration should say so at `health`, by another status or by the version that it runs on.',
  ],
  sources: ['Node.js documentation, process: Signal events'],
} as const satisfies Preset;

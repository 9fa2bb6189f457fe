import type { Preset } from './preset.ts';

export const gunicorn = {
  about:
    'Sends SIGHUP to the master of gunicorn, which starts new workers and lets the old ones finish.',
  needs: [
    '`shareProcessNamespace: true` in the pod, so that the sidecar sees the process, and the same user or root.',
    'No `--preload`, so that the new workers read what has changed.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    process: {
      about: 'Base name of the executable, or of the script that an interpreter runs.',
      kind: 'process',
      default: 'gunicorn',
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
      example: ['gunicorn', '--check-config', '--chdir', '{dir}', 'app:app'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '1m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '10s' },
  },
  apply: [{ signal: { process: '{process}', commandLine: '{commandLine}', signal: 'SIGHUP' } }],
  proof: {
    within: '{within}',
    hold: '{hold}',
    process: { process: '{process}', commandLine: '{commandLine}', newWorkers: true },
    http: { url: '{health}', version: { json: '{version}' } },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'The last good files are put back, and the master is told again.',
  limits: [
    'A signal has no answer: the old workers are well until they are replaced, so that `hold` must be longer than a worker takes to start.',
    'gunicorn ends with status 3 when a new worker cannot start: a file on which the app dies while it is imported must be refused before, by `validate`, by `check`, or by an app that catches it.',
    'The old workers are ended without a look at the new ones.',
  ],
  sources: [
    'gunicorn documentation, Signal Handling: HUP',
    'gunicorn documentation, Settings: --check-config',
  ],
} as const satisfies Preset;

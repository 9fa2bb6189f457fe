import type { Preset } from './preset.ts';

export const uvicorn = {
  about: 'Sends SIGHUP to the supervisor of uvicorn, which restarts its workers one after another.',
  needs: [
    '`shareProcessNamespace: true` in the pod, so that the sidecar sees the process, and the same user or root.',
    '`--workers 2` or more and uvicorn 0.30 or newer: a single process does not catch SIGHUP, and lastgood then sends none.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    process: {
      about: 'Base name of the executable, or of the script that an interpreter runs.',
      kind: 'process',
      default: 'uvicorn',
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
      example: ['python', '-m', 'compileall', '-q', '{dir}'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '1m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '10s' },
  },
  apply: [{ signal: { process: '{process}', commandLine: '{commandLine}', signal: 'SIGHUP' } }],
  proof: {
    within: '{within}',
    hold: '{hold}',
    process: { process: '{process}', commandLine: '{commandLine}' },
    http: { url: '{health}', version: { json: '{version}' } },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'The last good files are put back, and the supervisor is told again.',
  limits: [
    'A signal has no answer: the old workers are well until they are replaced, so that `hold` must be longer than a worker takes to start.',
    'A worker that cannot start is started again for ever: the proof must be a URL that a worker answers.',
  ],
  sources: ['uvicorn documentation, Deployment: Built-in, signals of the process manager'],
} as const satisfies Preset;

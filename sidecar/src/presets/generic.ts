import type { Preset } from './preset.ts';

export const generic = {
  about: 'Tells an app of your own by a URL, by a signal or by both, and asks its health.',
  needs: [
    'For `process`: `shareProcessNamespace: true` in the pod, and an app that catches the signal.',
  ],
  parameters: {
    reload: {
      about: 'URL that gets the event of docs/protocol.md by POST.',
      kind: 'url',
      example: 'http://localhost:8080/admin/reload',
    },
    process: {
      about: 'Base name of the executable, or of the script that an interpreter runs.',
      kind: 'process',
      example: 'serve.py',
    },
    commandLine: {
      about: 'Regular expression of its command line, where several are called so.',
      kind: 'pattern',
      default: '.',
    },
    signal: { about: 'The signal for that process.', kind: 'signal', default: 'SIGHUP' },
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
      example: ['/lastgood/hooks/check', '{dir}'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    { webhook: { url: '{reload}' } },
    { signal: { process: '{process}', commandLine: '{commandLine}', signal: '{signal}' } },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    process: { process: '{process}', commandLine: '{commandLine}' },
    http: { url: '{health}', version: { json: '{version}' } },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'The last good files are put back, and the app is told again.',
  limits: [
    'Without `reload` and `process` nobody is told: right for an app that looks at its files by itself.',
  ],
  sources: ['docs/protocol.md'],
} as const satisfies Preset;

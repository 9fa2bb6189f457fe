import type { Preset } from './preset.ts';

export const rayServe = {
  about:
    'Deploys the published config file with the command line of Ray Serve, and looks whether its application runs.',
  needs: [
    'The command `serve` of the same version of Ray in the image of the sidecar, and the port of the dashboard.',
  ],
  parameters: {
    application: {
      about: 'Name of the application in the file.',
      kind: 'word',
      default: 'default',
    },
    file: { about: 'Name of the config file.', kind: 'text', default: 'serve.yaml' },
    url: { about: 'URL of the dashboard.', kind: 'url', default: 'http://localhost:8265' },
    serve: { about: 'The command of Ray Serve.', kind: 'words', default: ['serve'] },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '5m' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '10s' },
  },
  apply: [
    {
      exec: {
        command: ['{serve}', 'deploy', '{dir}/{file}', '--address', '{url}'],
        timeout: '1m',
      },
    },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    http: {
      url: '{url}/api/serve/applications/',
      success: [200],
      json: { path: 'applications.{application}.status', equals: 'RUNNING' },
    },
  },
  checks: [],
  back: 'The last good file is put back, and it is deployed again.',
  limits: [
    '`serve deploy` ends when the file was taken, before it is applied: until then the application may still be called RUNNING, so that `hold` must be longer than that.',
  ],
  sources: [
    'Ray Serve documentation, Serve CLI: serve deploy',
    'Ray Serve documentation, Serve REST API: GET /api/serve/applications/',
  ],
} as const satisfies Preset;

import { join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const rayServe = definePreset({
  about:
    'Deploys the published config file with the command line of Ray Serve, and checks that its application runs.',
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
    url: urlParameter('URL of the dashboard.', 'http://localhost:8265'),
    serve: { about: 'Command of Ray Serve.', kind: 'command', default: ['serve'] },
  },
  timing: { within: '5m', hold: '10s' },
  bundleKeys: ({ application, file, url, serve }) => ({
    targets: [
      {
        exec: { command: [...serve, 'deploy', `{dir}/${file}`, '--address', url], timeout: '1m' },
      },
    ],
    confirm: {
      http: {
        url: join(url, '/api/serve/applications/'),
        success: [200],
        json: { path: `applications.${application}.status`, equals: 'RUNNING' },
      },
    },
  }),
  rollback: 'lastgood restores the last good file, and deploys it again.',
  limits: [
    '`serve deploy` exits when Ray Serve has accepted the file, before it applies it: until then the application may still be RUNNING, so `hold` must be longer than that.',
  ],
  sources: [
    'Ray Serve documentation, Serve CLI: serve deploy',
    'Ray Serve documentation, Serve REST API: GET /api/serve/applications/',
  ],
});

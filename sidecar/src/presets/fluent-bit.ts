import type { Preset } from './preset.ts';

export const fluentBit = {
  about: 'Asks Fluent Bit for a hot reload over HTTP, and looks whether it has counted one.',
  needs: [
    '`http_server: on` and `hot_reload: on` in the service section, or `-Y` on the command line.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    url: {
      about: 'URL of the HTTP server of Fluent Bit.',
      kind: 'url',
      default: 'http://localhost:2020',
    },
    check: {
      about: 'Command that must end with 0 before the change is published; off by default.',
      kind: 'words',
      example: ['fluent-bit', '--dry-run', '-c', '{dir}/fluent-bit.yaml'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    {
      webhook: {
        url: '{url}/api/v2/reload',
        body: '{}',
        success: [200],
        // It answers before it reads the file. 400 says that a reload is under way, or not allowed.
        refused: [],
      },
    },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    metric: {
      url: '{url}/api/v2/metrics/prometheus',
      query: 'fluentbit_hot_reloaded_times',
      increased: true,
    },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'Fluent Bit goes on with its old pipeline when it cannot read a new file; the last good files are put back, and it is asked again.',
  limits: [
    'A reload ends the HTTP server and the inputs of Fluent Bit for a moment; what is sent to it then must be sent again.',
  ],
  sources: [
    'Fluent Bit documentation, Hot reload (POST /api/v2/reload with an empty JSON object)',
    'Fluent Bit documentation, Monitoring: fluentbit_hot_reloaded_times',
  ],
} as const satisfies Preset;

import { join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const fluentBit = definePreset({
  about: 'Asks Fluent Bit for a hot reload over HTTP, and checks that it counted one.',
  needs: [
    '`http_server: on` and `hot_reload: on` in the service section, or `-Y` on the command line.',
  ],
  parameters: {
    url: urlParameter('URL of the HTTP server of Fluent Bit.', 'http://localhost:2020'),
  },
  check: ['fluent-bit', '--dry-run', '-c', '{dir}/fluent-bit.yaml'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ url }) => ({
    // It replies before it reads the file. 400 means that a reload is in progress, or not allowed.
    targets: [
      { webhook: { url: join(url, '/api/v2/reload'), body: '{}', success: [200], refused: [] } },
    ],
    confirm: {
      metric: {
        url: join(url, '/api/v2/metrics/prometheus'),
        query: 'fluentbit_hot_reloaded_times',
        increased: true,
      },
    },
  }),
  rollback:
    'Fluent Bit keeps its old pipeline if it cannot read a new file; lastgood restores the last good files, and asks for a reload again.',
  limits: [
    'A reload stops the HTTP server and the inputs of Fluent Bit for a moment; clients must resend what they send in that time.',
  ],
  sources: [
    'Fluent Bit documentation, Hot reload (POST /api/v2/reload with an empty JSON object)',
    'Fluent Bit documentation, Monitoring: fluentbit_hot_reloaded_times',
  ],
});

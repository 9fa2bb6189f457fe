import { join, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const prometheus = definePreset({
  about: 'Asks Prometheus to reload over HTTP, and checks the time of its last successful reload.',
  needs: ['`--web.enable-lifecycle` on the command line of Prometheus.'],
  flag: '--web.enable-lifecycle',
  parameters: {
    url: urlParameter(
      'URL of Prometheus, with the prefix of its routes if it has one.',
      'http://localhost:9090',
    ),
  },
  check: ['promtool', 'check', 'config', '{dir}/prometheus.yml'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ url }) => ({
    targets: [
      {
        webhook: {
          url: join(url, '/-/reload'),
          body: 'none',
          success: [200],
          // It read the files and keeps the old ones; a retry would end the same way.
          refused: [500],
          timeout: '1m',
        },
      },
    ],
    confirm: {
      http: { url: join(url, '/-/ready') },
      metric: {
        url: join(url, '/metrics'),
        query: 'prometheus_config_last_reload_success_timestamp_seconds',
        newer: true,
      },
    },
  }),
  rollback:
    'Prometheus keeps its old configuration if it refuses a new one; lastgood restores the last good files, and asks it to reload them.',
  limits: [
    'The proof is the reply to the request itself, which comes after the reload; the metric shows the time of the last successful one.',
  ],
  sources: [
    'Prometheus documentation, Management API (POST /-/reload, GET /-/ready)',
    'Prometheus web/web.go: a reload that fails answers 500',
  ],
});

import type { Preset } from './preset.ts';

export const prometheus = {
  about: 'Asks Prometheus to reload over HTTP, and looks at the time of its last good reload.',
  needs: [
    '`--web.enable-lifecycle` on the command line of Prometheus.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    url: {
      about: 'URL of Prometheus, with the prefix of its routes if it has one.',
      kind: 'url',
      default: 'http://localhost:9090',
    },
    check: {
      about: 'Command that must end with 0 before the change is published; off by default.',
      kind: 'words',
      example: ['promtool', 'check', 'config', '{dir}/prometheus.yml'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    {
      webhook: {
        url: '{url}/-/reload',
        body: 'none',
        success: [200],
        // It read the files and keeps the old ones; every later try would end the same way.
        refused: [500],
        timeout: '1m',
      },
    },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    http: { url: '{url}/-/ready' },
    metric: {
      url: '{url}/metrics',
      query: 'prometheus_config_last_reload_success_timestamp_seconds',
      newer: true,
    },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'Prometheus keeps its old configuration when it refuses a new one; the last good files are put back, and it is asked to reload them.',
  limits: [
    'The proof is the answer to the request itself, which comes when the reload is over; the metric shows the time of the last one that was good.',
  ],
  sources: [
    'Prometheus documentation, Management API (POST /-/reload, GET /-/ready)',
    'Prometheus web/web.go: a reload that fails answers 500',
  ],
} as const satisfies Preset;

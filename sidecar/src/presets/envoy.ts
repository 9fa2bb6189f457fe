import type { Preset } from './preset.ts';

export const envoy = {
  about:
    'Lets Envoy take its resources from the published files by itself, and looks whether it took an update.',
  needs: [
    '`path_config_source` with `path` and `watched_directory` of the published directory in the bootstrap: Envoy follows a move, and lastgood publishes by a rename.',
    'The admin interface on an address that the sidecar reaches.',
  ],
  parameters: {
    url: {
      about: 'URL of the admin interface.',
      kind: 'url',
      default: 'http://localhost:9901',
    },
    metric: {
      about: 'The counter that goes up with each update of these resources.',
      kind: 'metric',
      default: 'envoy_listener_manager_lds_update_success',
      example: 'envoy_cluster_manager_cds_update_success',
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [],
  proof: {
    within: '{within}',
    hold: '{hold}',
    metric: { url: '{url}/stats/prometheus', query: '{metric}', increased: true },
  },
  checks: [],
  back: 'Envoy rejects a resource that is wrong and keeps the one before; the last good files are put back, and it takes them by itself.',
  limits: [
    'One counter is looked at: a change that only touches other resources (`cds` with the counter of `lds`) has no proof, and is rolled back. Set `metric` to the one of the file that changes.',
  ],
  sources: [
    'Envoy documentation, Configuration: Dynamic from filesystem (moves), Admin interface (/stats/prometheus)',
    'Envoy documentation, xDS statistics: update_success, update_rejected',
  ],
} as const satisfies Preset;

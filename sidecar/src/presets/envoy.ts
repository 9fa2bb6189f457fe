import { join, tls, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const envoy = definePreset({
  about:
    'Lets Envoy load its resources from the published files by itself, and checks that it counted an update.',
  needs: [
    '`path_config_source` with `path` and `watched_directory` of the published directory in the bootstrap: Envoy follows a move, and lastgood publishes by a rename.',
    'The admin interface on an address that the sidecar can reach.',
  ],
  parameters: {
    url: urlParameter('URL of the admin interface.', 'http://localhost:9901'),
    metric: {
      about: 'Counter that increases with each update of these resources.',
      kind: 'metric',
      default: 'envoy_listener_manager_lds_update_success',
      example: 'envoy_cluster_manager_cds_update_success',
    },
    tls: tls('localhost:8443'),
  },
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ url, metric, tls }) => ({
    confirm: {
      metric: { url: join(url, '/stats/prometheus'), query: metric, increased: true },
      tls,
    },
  }),
  rollback:
    'Envoy rejects a wrong resource and keeps the previous one; lastgood restores the last good files, and Envoy loads them by itself.',
  limits: [
    'The proof watches one counter: a change that only touches other resources (`cds` with the counter of `lds`) has no proof, and is rolled back. Set `metric` to the counter of the file that changes.',
    'For certificates, give the secret of SDS a bundle, with `metric` set to the counter `ssl_context_update_by_sds` of its listener, and `tls`.',
  ],
  sources: [
    'Envoy documentation, Configuration: Dynamic from filesystem (moves), Admin interface (/stats/prometheus)',
    'Envoy documentation, xDS statistics: update_success, update_rejected',
  ],
});

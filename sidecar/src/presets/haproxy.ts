import { healthProbe, tls, urlParameter } from './parts.ts';
import { definePreset } from './preset.ts';

export const haproxy = definePreset({
  about: 'Sends `reload` to the master socket of HAProxy, and checks that a new worker started.',
  needs: [
    '`-W -S /path/of/the.sock` on the command line of HAProxy, the socket in a volume that both containers mount.',
    'The exporter, for the proof: `http-request use-service prometheus-exporter if { path /metrics }` in a frontend.',
  ],
  parameters: {
    socket: {
      about: 'Path of the master socket.',
      kind: 'path',
      default: '/var/run/haproxy/master.sock',
    },
    metrics: urlParameter(
      'URL of the Prometheus exporter of HAProxy.',
      'http://localhost:8405/metrics',
    ),
    health: {
      about: 'URL that replies 2xx while HAProxy works.',
      kind: 'url',
      example: 'http://localhost:8405/health',
    },
    tls: tls('localhost:443'),
  },
  check: ['haproxy', '-c', '-f', '{dir}/haproxy.cfg'],
  timing: { within: '30s', hold: '5s' },
  bundleKeys: ({ socket, metrics, health, tls }) => ({
    // Since 2.7 the reply comes after the reload, and is Success=0 or Success=1. Before, the master
    // only closes the connection.
    targets: [{ socket: { path: socket, send: 'reload', refused: '^Success=0', timeout: '1m' } }],
    confirm: {
      // An old worker has an older start.
      metric: { url: metrics, query: 'haproxy_process_start_time_seconds', newer: true },
      http: healthProbe(health),
      tls,
    },
  }),
  rollback:
    'The old worker keeps running if a new one cannot start; lastgood restores the last good files, and asks the master to reload them.',
  limits: [
    'HAProxy before 2.7 does not reply: only the proof notices that it refused a file, after `within`, while the old worker keeps running.',
    'HAProxy reports the start of a worker in whole seconds: a worker of the same second counts as the new one.',
  ],
  sources: [
    'HAProxy management guide, Master CLI: reload; 2.7 release notes: the command is synchronous',
    'HAProxy addons/promex: haproxy_process_start_time_seconds',
  ],
});

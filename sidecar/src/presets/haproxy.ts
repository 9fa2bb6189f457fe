import type { Preset } from './preset.ts';

export const haproxy = {
  about:
    'Sends `reload` to the master socket of HAProxy, and looks whether a new worker has started.',
  needs: [
    '`-W -S /path/of/the.sock` on the command line of HAProxy, the socket in a volume that both containers mount.',
    'The exporter, for the proof: `http-request use-service prometheus-exporter if { path /metrics }` in a frontend.',
    'The program of `check` in the image of the sidecar, if `check` is used.',
  ],
  parameters: {
    socket: {
      about: 'Path of the master socket.',
      kind: 'path',
      default: '/var/run/haproxy/master.sock',
    },
    metrics: {
      about: 'URL of the Prometheus exporter of HAProxy.',
      kind: 'url',
      default: 'http://localhost:8405/metrics',
    },
    health: {
      about: 'URL that answers 2xx while HAProxy works.',
      kind: 'url',
      example: 'http://localhost:8405/health',
    },
    check: {
      about: 'Command that must end with 0 before the change is published; off by default.',
      kind: 'words',
      example: ['haproxy', '-c', '-f', '{dir}/haproxy.cfg'],
    },
    within: { about: 'Deadline for the proof.', kind: 'duration', default: '30s' },
    hold: { about: 'How long it must stay good.', kind: 'duration', default: '5s' },
  },
  apply: [
    // Since 2.7 the answer comes when the reload is over, and says Success=0 or Success=1. Before,
    // the master only closes the connection.
    { socket: { path: '{socket}', send: 'reload', refused: '^Success=0', timeout: '1m' } },
  ],
  proof: {
    within: '{within}',
    hold: '{hold}',
    // The worker of now: an old one has an older start.
    metric: {
      url: '{metrics}',
      query: 'haproxy_process_start_time_seconds',
      newer: true,
    },
    http: { url: '{health}' },
  },
  checks: [{ exec: { command: '{check}', timeout: '30s' } }],
  back: 'The old worker goes on when a new one cannot start; the last good files are put back, and the master is asked to reload them.',
  limits: [
    'HAProxy before 2.7 does not answer the request: that it refused a file is then only seen by the proof, after `within`, while the old worker goes on.',
    'The start of a worker is told in whole seconds: a worker of the same second is taken for the new one.',
  ],
  sources: [
    'HAProxy management guide, Master CLI: reload; 2.7 release notes: the command is synchronous',
    'HAProxy addons/promex: haproxy_process_start_time_seconds',
  ],
} as const satisfies Preset;

import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import type Registry from 'prom-client/lib/registry.js';

/** From a rename on a fast disk to the longest step that is common. */
const STEP_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** `confirm.hold` alone is seconds, and a rollout may spend minutes on retries. */
const LATENCY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300];

/** Makes every metric of lastgood's own: its name, its labels and what it means. */
export function instrumentsOf(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name, help, labelNames, registers });
  return {
    rollouts: counter(
      'lastgood_rollouts_total',
      'Rollouts that ended, by outcome.',
      'bundle',
      'outcome',
    ),
    stepDuration: new Histogram({
      name: 'lastgood_step_duration_seconds',
      help: 'How long each step of a rollout took.',
      labelNames: ['bundle', 'step'],
      buckets: STEP_BUCKETS,
      registers,
    }),
    checkDuration: new Histogram({
      name: 'lastgood_check_duration_seconds',
      help: 'How long each kind of check took on a snapshot.',
      labelNames: ['bundle', 'check'],
      buckets: STEP_BUCKETS,
      registers,
    }),
    commitLatency: new Histogram({
      name: 'lastgood_commit_latency_seconds',
      help: "From the kubelet's write of the volume to the commit.",
      labelNames: ['bundle'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    active: gauge(
      'lastgood_active_info',
      'The version that the app runs on, as a label; always 1.',
      'bundle',
      'version',
    ),
    degraded: gauge(
      'lastgood_degraded',
      'Whether the bundle runs on its last good version while a newer one stands rejected (0 or 1).',
      'bundle',
    ),
    ready: gauge('lastgood_ready', 'Whether the bundle is ready (0 or 1).', 'bundle'),
    retries: counter(
      'lastgood_delivery_retries_total',
      'Deliveries that were tried again after a fault.',
      'bundle',
      'target',
    ),
    watchRestarts: counter(
      'lastgood_watch_restarts_total',
      'Watches on a volume that failed and were begun anew.',
      'bundle',
    ),
    snapshotBytes: gauge('lastgood_snapshot_bytes', 'Size of the newest snapshot.', 'bundle'),
    snapshotFiles: gauge(
      'lastgood_snapshot_files',
      'Number of files in the newest snapshot.',
      'bundle',
    ),
    build: gauge(
      'lastgood_build_info',
      'The version of lastgood, as a label; always 1.',
      'version',
    ),
  };
}

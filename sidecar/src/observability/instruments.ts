import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import type Registry from 'prom-client/lib/registry.js';

/** From a rename on a fast disk to a long reload, in seconds. */
const STEP_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** `confirm.hold` alone takes seconds, and retries may take minutes. */
const LATENCY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300];

/** Creates lastgood's own metrics, `lastgood_…`. */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `lastgood_${name}`, help, labelNames, registers });
  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Gauge({ name: `lastgood_${name}`, help, labelNames, registers });
  const durations = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ) => new Histogram({ name: `lastgood_${name}_seconds`, help, labelNames, buckets, registers });
  return {
    rollouts: counter('rollouts_total', 'Rollouts that have ended.', ['bundle', 'outcome']),
    stepDuration: durations(
      'step_duration',
      'Duration of each step of a rollout.',
      ['bundle', 'step'],
      STEP_BUCKETS,
    ),
    checkDuration: durations(
      'check_duration',
      'Duration of each kind of check on a snapshot.',
      ['bundle', 'check'],
      STEP_BUCKETS,
    ),
    commitLatency: durations(
      'commit_latency',
      "Time from the kubelet's write to the volume until the commit.",
      ['bundle'],
      LATENCY_BUCKETS,
    ),
    active: gauge('active_info', 'Version that the app runs on, as a label; always 1.', [
      'bundle',
      'version',
    ]),
    degraded: gauge(
      'degraded',
      '1 if the bundle runs on its last good version because a newer one was rejected.',
      ['bundle'],
    ),
    ready: gauge('ready', '1 if the bundle is ready.', ['bundle']),
    retries: counter('delivery_retries_total', 'Retries of deliveries.', ['bundle', 'target']),
    watchRestarts: counter(
      'watch_restarts_total',
      'Watches on a volume that failed and were restarted.',
      ['bundle'],
    ),
    snapshotBytes: gauge('snapshot_bytes', 'Size of the newest snapshot.', ['bundle']),
    snapshotFiles: gauge('snapshot_files', 'Number of files in the newest snapshot.', ['bundle']),
    build: gauge('build_info', 'Version of lastgood, as a label; always 1.', ['version']),
  };
}

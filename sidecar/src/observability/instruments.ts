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

/** The options of a metric of bundles. */
type Own = <Label extends string = never>(
  name: string,
  help: string,
  ...labels: Label[]
) => {
  readonly name: string;
  readonly help: string;
  readonly labelNames: ('bundle' | Label)[];
  readonly registers: Registry[];
};

/** Creates lastgood's own metrics, `lastgood_…`; all but the version of lastgood are of a bundle. */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const own: Own = (name, help, ...labels) => {
    return { name: `lastgood_${name}`, help, labelNames: ['bundle', ...labels], registers };
  };
  return {
    ready: new Gauge(own('ready', '1 if the bundle is ready.')),
    health: createHealthGauges(own),
    healthSince: new Gauge(
      own(
        'health_since_timestamp_seconds',
        'When the present state of health began, in seconds since the epoch.',
      ),
    ),
    ...createVersionGauges(own),
    rollouts: new Counter(own('rollouts_total', 'Rollouts that have ended.', 'outcome')),
    stepDuration: new Histogram({
      ...own('step_duration_seconds', 'Duration of each step of a rollout.', 'step'),
      buckets: STEP_BUCKETS,
    }),
    checkDuration: new Histogram({
      ...own('check_duration_seconds', 'Duration of each kind of check on a snapshot.', 'check'),
      buckets: STEP_BUCKETS,
    }),
    commitLatency: new Histogram({
      ...own(
        'commit_latency_seconds',
        "Time from the kubelet's write to the volume until the commit.",
      ),
      buckets: LATENCY_BUCKETS,
    }),
    retries: new Counter(own('delivery_retries_total', 'Retries of deliveries.', 'target')),
    targetProblem: new Gauge(
      own(
        'target_problem',
        '1 if the process of a signal or restart target cannot be notified; 0 once it was found.',
        'target',
      ),
    ),
    watchRestarts: new Counter(
      own('watch_restarts_total', 'Watches on a volume that failed and were restarted.'),
    ),
    subscribers: new Gauge(own('subscribers', 'Processes that subscribe over the socket.')),
    subscriberAnswers: new Counter(
      own('subscriber_answers_total', 'Answers of these processes.', 'event', 'verdict'),
    ),
    snapshotBytes: new Gauge(
      own('snapshot_bytes', 'Size of the newest snapshot; in whole KiB if it has secret files.'),
    ),
    snapshotFiles: new Gauge(own('snapshot_files', 'Number of files in the newest snapshot.')),
    build: new Gauge({
      name: 'lastgood_build_info',
      help: 'Version of lastgood, as a label; always 1.',
      labelNames: ['version'],
      registers,
    }),
  };
}

/** The gauges of health, 0 or 1. */
export const HEALTH_GAUGES = [
  'degraded',
  'appAbsent',
  'pendingRestart',
  'volumeRejected',
  'rollbackFailing',
] as const;

export type HealthGauge = (typeof HEALTH_GAUGES)[number];

function createHealthGauges(own: Own): Readonly<Record<HealthGauge, Gauge<'bundle'>>> {
  return {
    degraded: new Gauge(
      own(
        'degraded',
        '1 if the newest version was rejected or could not be delivered to a running app.',
      ),
    ),
    appAbsent: new Gauge(
      own('app_absent', '1 if a version waits for the app to run, and nothing else is wrong.'),
    ),
    pendingRestart: new Gauge(
      own(
        'pending_restart',
        '1 if a version waits for a restart of the app, and nothing else is wrong.',
      ),
    ),
    volumeRejected: new Gauge(
      own('volume_rejected', '1 if the version in the volume was rejected and is not tried again.'),
    ),
    rollbackFailing: new Gauge(
      own('rollback_failing', '1 if an attempt of the rollback under way has failed.'),
    ),
  };
}

function createVersionGauges(own: Own) {
  return {
    active: new Gauge(
      own('active_info', 'Version that the app runs on, as a label; always 1.', 'version'),
    ),
    desired: new Gauge(
      own('desired_info', 'Version in the volume, as a label; always 1.', 'version'),
    ),
    rejected: new Gauge(
      own(
        'rejected_info',
        'Version in the volume that was rejected, the step and the first error; always 1.',
        'version',
        'step',
        'code',
      ),
    ),
    comparable: new Gauge(
      own('version_comparable', '1 if the same content has the same version in each pod.'),
    ),
  };
}

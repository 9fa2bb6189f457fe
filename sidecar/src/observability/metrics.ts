import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import { OUTCOMES, type Outcome } from '../rollout/outcome.ts';

/** From a rename on a fast disk to a long reload, in seconds. */
const STEP_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
/** `confirm.hold` alone takes seconds, and retries may take minutes. */
const LATENCY_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300];

/** The size of a snapshot with secret files is shown in whole KiB. */
const SEALED_SIZE_UNIT = 1024;

/**
 * The metrics for Prometheus. The labels are bounded: `bundle` and `target` are names from the
 * settings, never a URL, and only `_info` gauges have a version (P8).
 */
export type Metrics = ReturnType<typeof createMetrics>;

/** At most one of `degraded`, `appAbsent` and `pendingRestart` is true. */
interface ShownHealth {
  readonly ready: boolean;
  readonly degraded: boolean;
  readonly appAbsent: boolean;
  readonly pendingRestart: boolean;
}

/** Metrics in a new registry. `version` is the program's. */
export function createMetrics(version: string) {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  addProcessMetrics(registry);
  instruments.build.set({ version }, 1);
  /** The version in each bundle's one series: the number of versions has no bound. */
  const active = new Map<string, Version>();
  /** What the app runs on; null if unknown. */
  const activeIs = (bundle: string, version: Version | null) => {
    const old = active.get(bundle);
    if (old !== undefined) instruments.active.remove({ bundle, version: old });
    active.delete(bundle);
    if (version === null) return;
    active.set(bundle, version);
    instruments.active.set({ bundle, version }, 1);
  };
  return {
    contentType: registry.contentType,
    /** For metrics of others, whose names do not begin with `lastgood_`. */
    registry,
    /** All metrics in Prometheus' text format. */
    text: (): Promise<string> => registry.metrics(),
    /** Creates the bundle's series with 0, so that `rate()` sees the first increase. */
    declareBundle(bundle: string, targets: readonly string[] = []) {
      for (const outcome of OUTCOMES) instruments.rollouts.inc({ bundle, outcome }, 0);
      for (const target of targets) instruments.retries.inc({ bundle, target }, 0);
      instruments.watchRestarts.inc({ bundle }, 0);
      instruments.degraded.set({ bundle }, 0);
      instruments.appAbsent.set({ bundle }, 0);
      instruments.pendingRestart.set({ bundle }, 0);
      instruments.ready.set({ bundle }, 0);
      instruments.commitLatency.zero({ bundle });
    },
    rolloutEnded: (bundle: string, outcome: Outcome) =>
      instruments.rollouts.inc({ bundle, outcome }),
    stepTook: (bundle: string, step: Step, seconds: number) =>
      instruments.stepDuration.observe({ bundle, step }, seconds),
    /** `check` is one of the kinds of checks. */
    checkTook: (bundle: string, check: string, seconds: number) =>
      instruments.checkDuration.observe({ bundle, check }, seconds),
    /** The latency may be negative, as the node's clock may differ; it then counts as 0. */
    committed(bundle: string, version: Version, latencySeconds: number) {
      instruments.commitLatency.observe({ bundle }, Math.max(0, latencySeconds));
      activeIs(bundle, version);
    },
    activeIs,
    /** A new snapshot was captured, whatever becomes of it. */
    captured(bundle: string, { sizeBytes, files }: Pick<Snapshot, 'sizeBytes' | 'files'>) {
      // The size of a volume with a single password would be its length (P8).
      const unit = files.some(({ secret }) => secret) ? SEALED_SIZE_UNIT : 1;
      instruments.snapshotBytes.set({ bundle }, Math.ceil(sizeBytes / unit) * unit);
      instruments.snapshotFiles.set({ bundle }, files.length);
    },
    healthIs(bundle: string, health: ShownHealth) {
      instruments.ready.set({ bundle }, Number(health.ready));
      instruments.degraded.set({ bundle }, Number(health.degraded));
      instruments.appAbsent.set({ bundle }, Number(health.appAbsent));
      instruments.pendingRestart.set({ bundle }, Number(health.pendingRestart));
    },
    deliveryRetried: (bundle: string, target: string) =>
      instruments.retries.inc({ bundle, target }),
    /** Of a target that looks for a process. */
    targetChecked: (bundle: string, target: string, hasProblem: boolean) =>
      instruments.targetProblem.set({ bundle, target }, Number(hasProblem)),
    watchRestarted: (bundle: string) => instruments.watchRestarts.inc({ bundle }),
    subscribersAre: (bundle: string, count: number) =>
      instruments.subscribers.set({ bundle }, count),
    subscriberAnswered: (bundle: string, event: string, verdict: string) =>
      instruments.subscriberAnswers.inc({ bundle, event, verdict }),
  };
}

/** Creates lastgood's own metrics, `lastgood_…`; all but the version of lastgood are of a bundle. */
function createInstruments(registry: Registry) {
  const registers = [registry];
  const own = <Label extends string = never>(name: string, help: string, ...labels: Label[]) => {
    return {
      name: `lastgood_${name}`,
      help,
      labelNames: ['bundle' as const, ...labels],
      registers,
    };
  };
  return {
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
    active: new Gauge(
      own('active_info', 'Version that the app runs on, as a label; always 1.', 'version'),
    ),
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
    ready: new Gauge(own('ready', '1 if the bundle is ready.')),
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

/**
 * Memory, CPU time and start time under the names that all Prometheus clients use. Read only during a
 * scrape: prom-client's own set watches the event loop with a timer.
 */
function addProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start time of the process since unix epoch in seconds.',
    registers,
  }).set(performance.timeOrigin / 1000);
}

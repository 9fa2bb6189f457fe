import { errorsFirst } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import { OUTCOMES, type Outcome } from '../rollout/outcome.ts';
import type { State } from '../rollout/state.ts';
import { createInstruments, HEALTH_GAUGES, type HealthGauge } from './instruments.ts';

/** The size of a snapshot with secret files is shown in whole KiB. */
const SEALED_SIZE_UNIT = 1024;

/**
 * The metrics for Prometheus. The labels are bounded: `bundle` and `target` are names from the
 * settings, never a URL, and only `_info` gauges have a version (P8).
 */
export type Metrics = ReturnType<typeof createMetrics>;

/** At most one of `degraded`, `appAbsent` and `pendingRestart` is true. */
interface ShownHealth extends Readonly<Record<HealthGauge, boolean>> {
  /** When this state of health began, by the wall clock. */
  readonly sinceMs: number;
}

/** What is known of a bundle at its start. */
interface DeclaredBundle {
  /** The label of each target. */
  readonly targets?: readonly string[];
  /** Whether the same content has the same version in each pod. */
  readonly isComparable?: boolean;
  /** Asked at each scrape, since `staleAfter` takes effect with time alone. */
  readonly isReady?: () => boolean;
}

/** The versions of a bundle: of the app, in the volume, and the newest rejected one. */
type ShownVersions = Pick<State, 'active' | 'desired' | 'rejected'>;

/** Metrics in a new registry. `version` is the program's. */
export function createMetrics(version: string) {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  addProcessMetrics(registry);
  instruments.build.set({ version }, 1);
  const showActive = oneSeries(instruments.active);
  const showDesired = oneSeries(instruments.desired);
  const showRejected = oneSeries(instruments.rejected);
  const readiness = new Map<string, () => boolean>();
  return {
    contentType: registry.contentType,
    /** For metrics of others, whose names do not begin with `lastgood_`. */
    registry,
    /** All metrics in Prometheus' text format. */
    text(): Promise<string> {
      for (const [bundle, isReady] of readiness)
        instruments.ready.set({ bundle }, Number(isReady()));
      return registry.metrics();
    },
    /** Creates the bundle's series with 0, so that `rate()` sees the first increase. */
    declareBundle(
      bundle: string,
      { targets = [], isComparable = true, isReady = () => false }: DeclaredBundle = {},
    ) {
      readiness.set(bundle, isReady);
      for (const outcome of OUTCOMES) instruments.rollouts.inc({ bundle, outcome }, 0);
      for (const target of targets) instruments.retries.inc({ bundle, target }, 0);
      instruments.watchRestarts.inc({ bundle }, 0);
      for (const gauge of Object.values(instruments.health)) gauge.set({ bundle }, 0);
      instruments.comparable.set({ bundle }, Number(isComparable));
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
    committed: (bundle: string, latencySeconds: number) =>
      instruments.commitLatency.observe({ bundle }, Math.max(0, latencySeconds)),
    /** Null is unknown: then there is no series. */
    versionsAre(bundle: string, { active, desired, rejected }: ShownVersions) {
      showActive(bundle, active && { version: active });
      showDesired(bundle, desired && { version: desired });
      const [first] = errorsFirst(rejected?.findings ?? []);
      const code = first?.code ?? '';
      showRejected(
        bundle,
        rejected && { version: rejected.version ?? '', step: rejected.step, code },
      );
    },
    /** A new snapshot was captured, whatever becomes of it. */
    captured(bundle: string, { sizeBytes, files }: Pick<Snapshot, 'sizeBytes' | 'files'>) {
      // The size of a volume with a single password would be its length (P8).
      const unit = files.some(({ secret }) => secret) ? SEALED_SIZE_UNIT : 1;
      instruments.snapshotBytes.set({ bundle }, Math.ceil(sizeBytes / unit) * unit);
      instruments.snapshotFiles.set({ bundle }, files.length);
    },
    healthIs(bundle: string, { sinceMs, ...health }: ShownHealth) {
      for (const name of HEALTH_GAUGES)
        instruments.health[name].set({ bundle }, Number(health[name]));
      instruments.healthSince.set({ bundle }, sinceMs / 1000);
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

/**
 * Shows at most one series of each bundle: the number of versions has no bound. The series of before
 * is removed first.
 */
function oneSeries<Label extends string>(gauge: Gauge<Label | 'bundle'>) {
  type Labels = Readonly<Record<Label, string>>;
  const shown = new Map<string, Labels & { readonly bundle: string }>();
  return (bundle: string, labels: Labels | null) => {
    const old = shown.get(bundle);
    if (old !== undefined) gauge.remove(old);
    shown.delete(bundle);
    if (labels === null) return;
    const series = { bundle, ...labels };
    shown.set(bundle, series);
    gauge.set(series, 1);
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

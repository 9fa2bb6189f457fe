import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import Registry from 'prom-client/lib/registry.js';
import { OUTCOMES, type Outcome } from '../rollout/outcome.ts';
import { instrumentsOf } from './instruments.ts';
import { addProcessMetrics } from './process-metrics.ts';

/**
 * What happened, as Prometheus sees it. The labels are bounded: `bundle` and `target` are names from
 * the settings, never a URL; a version stands only in `_info` gauges (P8).
 */
export interface Metrics {
  readonly contentType: string;
  /** For metrics of others, whose names do not begin with `lastgood_`. */
  readonly registry: Registry;
  /** All metrics in Prometheus' text format. */
  text(): Promise<string>;
  /** Makes the bundle's counters appear, at 0, so that the first increase is seen as one. */
  declareBundle(bundle: string, targets?: readonly string[]): void;
  rolloutEnded(bundle: string, outcome: Outcome): void;
  stepTook(bundle: string, step: Step, seconds: number): void;
  /** `check` is one of the kinds of checks. */
  checkTook(bundle: string, check: string, seconds: number): void;
  /**
   * The app runs on it now. `latencySeconds` is from the kubelet's write to the commit; the clocks of
   * the two may differ, so less than nothing counts as nothing.
   */
  committed(bundle: string, version: Version, latencySeconds: number): void;
  /** What the app runs on without a commit of this process; null when nobody knows. */
  activeIs(bundle: string, version: Version | null): void;
  /** A new snapshot was captured; it says nothing of what becomes of it. */
  captured(bundle: string, snapshot: Pick<Snapshot, 'sizeBytes' | 'files'>): void;
  healthIs(bundle: string, health: { readonly ready: boolean; readonly degraded: boolean }): void;
  deliveryRetried(bundle: string, target: string): void;
  watchRestarted(bundle: string): void;
}

/** Metrics in a registry of their own. `version` is the program's. */
export function createMetrics(version: string): Metrics {
  const registry = new Registry();
  const instruments = instrumentsOf(registry);
  addProcessMetrics(registry);
  instruments.build.set({ version }, 1);
  const activeIs = activeInfo(instruments.active);
  return {
    contentType: registry.contentType,
    registry,
    text: () => registry.metrics(),
    declareBundle(bundle, targets = []) {
      for (const outcome of OUTCOMES) instruments.rollouts.inc({ bundle, outcome }, 0);
      for (const target of targets) instruments.retries.inc({ bundle, target }, 0);
      instruments.watchRestarts.inc({ bundle }, 0);
      instruments.degraded.set({ bundle }, 0);
      instruments.ready.set({ bundle }, 0);
      // Without it the first latency of a pod would be lost to rate().
      instruments.commitLatency.zero({ bundle });
    },
    rolloutEnded: (bundle, outcome) => instruments.rollouts.inc({ bundle, outcome }),
    stepTook: (bundle, step, seconds) =>
      instruments.stepDuration.observe({ bundle, step }, seconds),
    checkTook: (bundle, check, seconds) =>
      instruments.checkDuration.observe({ bundle, check }, seconds),
    committed(bundle, active, latencySeconds) {
      instruments.commitLatency.observe({ bundle }, Math.max(0, latencySeconds));
      activeIs(bundle, active);
    },
    activeIs,
    captured(bundle, { sizeBytes, files }) {
      instruments.snapshotBytes.set({ bundle }, sizeBytes);
      instruments.snapshotFiles.set({ bundle }, files.length);
    },
    healthIs(bundle, { ready, degraded }) {
      instruments.ready.set({ bundle }, Number(ready));
      instruments.degraded.set({ bundle }, Number(degraded));
    },
    deliveryRetried: (bundle, target) => instruments.retries.inc({ bundle, target }),
    watchRestarted: (bundle) => instruments.watchRestarts.inc({ bundle }),
  };
}

/** Keeps one series a bundle: a version is content, and its number has no bound. */
function activeInfo(gauge: ReturnType<typeof instrumentsOf>['active']): Metrics['activeIs'] {
  const shown = new Map<string, Version>();
  return (bundle, version) => {
    const old = shown.get(bundle);
    if (old !== undefined) gauge.remove({ bundle, version: old });
    shown.delete(bundle);
    if (version === null) return;
    shown.set(bundle, version);
    gauge.set({ bundle, version }, 1);
  };
}

import type { Snapshot, Version } from '@lastgood/core/model/snapshot.ts';
import type { Step } from '@lastgood/core/model/steps.ts';
import Registry from 'prom-client/lib/registry.js';
import { OUTCOMES, type Outcome } from '../rollout/outcome.ts';
import { createInstruments } from './instruments.ts';
import { addProcessMetrics } from './process-metrics.ts';

/**
 * The metrics for Prometheus. The labels are bounded: `bundle` and `target` are names from the
 * settings, never a URL, and only `_info` gauges have a version (P8).
 */
export type Metrics = ReturnType<typeof createMetrics>;

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
      instruments.snapshotBytes.set({ bundle }, sizeBytes);
      instruments.snapshotFiles.set({ bundle }, files.length);
    },
    healthIs(bundle: string, health: { readonly ready: boolean; readonly degraded: boolean }) {
      instruments.ready.set({ bundle }, Number(health.ready));
      instruments.degraded.set({ bundle }, Number(health.degraded));
    },
    deliveryRetried: (bundle: string, target: string) =>
      instruments.retries.inc({ bundle, target }),
    watchRestarted: (bundle: string) => instruments.watchRestarts.inc({ bundle }),
  };
}

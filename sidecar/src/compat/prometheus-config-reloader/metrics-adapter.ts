import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';
import type { MetricsAdapter } from '../../observability/observer.ts';
import { countUnset, type Env, withOrdinal } from '../../steps/expand/expand.ts';

export interface MetricsAdapterOptions {
  readonly method: 'http' | 'signal';
  /** The number of watched files and directories. */
  readonly watched: number;
  /** The path inside the snapshot of the file to expand; undefined without one. */
  readonly expanded: string | undefined;
  readonly env: Env;
  readonly ordinalFrom: string;
}

/** Keeps the metrics of prometheus-config-reloader. */
export function createMetricsAdapter(
  registry: Registry,
  options: MetricsAdapterOptions,
): MetricsAdapter {
  const metrics = metricsOf(registry);
  metrics.info.set({ method: options.method }, 1);
  metrics.watches.set(options.watched);
  const env = withOrdinal(options.env, options.ordinalFrom);
  const reloaded = (isGood: boolean) => {
    metrics.lastSuccessful.set(Number(isGood));
    if (isGood) metrics.lastSuccess.setToCurrentTime();
    else metrics.failed.inc();
  };
  return {
    step(_bundle, report) {
      const isAccepted = report.result === 'accepted';
      switch (report.step) {
        case 'capture':
          metrics.watchEvents.inc();
          metrics.applies.inc();
          if (report.result !== 'captured') metrics.appliesFailed.inc();
          if (report.snapshot !== undefined)
            metrics.unset.set(unsetIn(report.snapshot, options.expanded, env));
          return;
        case 'validate':
        case 'prepare':
          if (!isAccepted) metrics.appliesFailed.inc();
          return;
        case 'publish':
          if (report.result !== 'published') metrics.appliesFailed.inc();
          return;
        case 'deliver':
          metrics.reloads.inc();
          // A signal has no reply: `confirm` shows whether the reload succeeded.
          if (options.method === 'http' || !isAccepted) reloaded(isAccepted);
          return;
        case 'confirm':
          return reloaded(isAccepted);
      }
    },
    finished: () => {},
    watchRestarted: () => metrics.watchErrors.inc(),
  };
}

function unsetIn({ files }: Snapshot, expanded: string | undefined, env: Env): number {
  const file = files.find(({ path }) => path === expanded);
  return file === undefined ? 0 : countUnset(file.bytes, env);
}

/**
 * Names, labels and texts as dashboards and alerts expect them.
 * Source: Thanos pkg/reloader/reloader.go, New and newWatcher.
 */
function metricsOf(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  return {
    reloads: counter('reloader_reloads_total', 'Total number of reload requests.'),
    failed: counter(
      'reloader_reloads_failed_total',
      'Total number of reload requests that failed.',
    ),
    lastSuccessful: gauge(
      'reloader_last_reload_successful',
      'Whether the last reload attempt was successful',
    ),
    lastSuccess: gauge(
      'reloader_last_reload_success_timestamp_seconds',
      'Timestamp of the last successful reload',
    ),
    applies: counter(
      'reloader_config_apply_operations_total',
      'Total number of config apply operations.',
    ),
    appliesFailed: counter(
      'reloader_config_apply_operations_failed_total',
      'Total number of config apply operations that failed.',
    ),
    unset: gauge(
      'reloader_config_environment_variable_expansion_errors',
      'Number of environment variable expansions that failed during the last operation.',
    ),
    watches: gauge('reloader_watches', 'Number of resources watched by the reloader.'),
    watchEvents: counter(
      'reloader_watch_events_total',
      'Total number of events received by the reloader from the watcher.',
    ),
    watchErrors: counter(
      'reloader_watch_errors_total',
      'Total number of errors received by the reloader from the watcher.',
    ),
    info: new Gauge({
      name: 'reloader_info',
      help: "A metric with a constant '1' value labeled by reload method (either 'http' or 'signal').",
      labelNames: ['method'] as const,
      registers,
    }),
  };
}

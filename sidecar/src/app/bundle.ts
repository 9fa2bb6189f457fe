import type { Clock } from '@lastgood/core/model/clock.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import { watchVolumes } from '@lastgood/core/source/source.ts';
import type { Logger } from 'pino';
import type { MetricsAdapter } from '../compat/reloader-compat.ts';
import type { HttpClient } from '../io/http/request.ts';
import { deferObserver } from '../observability/deferred-observer.ts';
import { logProblem } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { createObserver, targetLabel } from '../observability/observer.ts';
import type { BundleStatus } from '../observability/status.ts';
import { StatusTracker } from '../observability/status-tracker.ts';
import type { RolloutConfig } from '../rollout/state.ts';
import { BundleRunner } from '../runner/bundle-runner.ts';
import type { Ports } from '../runner/ports.ts';
import type { BundleSettings } from '../settings/settings.ts';
import { compares } from '../steps/confirm/probes.ts';
import { retriesOf } from '../steps/deliver/targets.ts';
import type { Env } from '../steps/expand/expand.ts';
import { sweepDryRun } from '../steps/prepare/dry-run.ts';
import { preparePublished } from '../steps/publish/prepare-directory.ts';
import { createPorts } from './wiring.ts';

export interface BundleOptions {
  readonly settings: BundleSettings;
  /** Undefined: nothing outlives the process. */
  readonly stateDir: string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly newId: () => string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly client: HttpClient;
  /** Keeps the metrics of a reloader that is replaced. */
  readonly metricsAdapter: MetricsAdapter | undefined;
  /** A rollout has ended. */
  readonly onEnd: () => void;
  /** Publish and end: no target is told, and no proof is awaited. */
  readonly once: boolean;
  /** What `expand` puts into a file. */
  readonly env: Env;
  /** Gives back what memory it can. */
  readonly compact: () => void;
  /** Of the pipeline's ports: a test holds or kills the process there. */
  readonly onBoundary?: Ports['onBoundary'];
}

export interface RunningBundle {
  readonly name: string;
  status(): BundleStatus;
  /**
   * Resolves when the newest content has been accepted or rejected and nothing is under way, or
   * when nothing can go on: then with what is in the way.
   */
  settled(): Promise<readonly Finding[]>;
  /** Finishes the step in hand. */
  stop(): Promise<void>;
  /** What ends from now on is not noted: `stop` has taken too long. */
  abandon(): void;
}

/** Wires one bundle: its steps to its runner, its volumes to the source, and starts it. */
export async function startBundle(options: BundleOptions): Promise<RunningBundle> {
  const { settings, clock, log, metrics } = options;
  const config = rolloutConfig(options);
  const record = new StatusTracker(settings.name, config, clock);
  const settled = Promise.withResolvers<readonly Finding[]>();
  const observer = deferObserver(createObserver(options, { config, record }, settled.resolve));
  const ports = await createPorts(options, observer);
  metrics.declareBundle(settings.name, ports.targets.map(targetLabel));
  if (settings.publish !== undefined) {
    await preparePublished(settings.publish);
    await sweepDryRun(settings.publish);
  }
  const runner = new BundleRunner(settings, config, ports);
  const source = watchVolumes({
    paths: settings.volumes.map(({ path }) => path),
    settleMs: settings.settleMs,
    clock,
    onChange: () => void runner.reconcile(),
    onTrouble: (finding) => {
      metrics.watchRestarted(settings.name);
      options.metricsAdapter?.watchRestarted(settings.name);
      logProblem(log, finding);
    },
    onRestored: (path) => log.info({ path }, `watching ${path} works again; it is polled no more`),
    onWarning: (finding) =>
      log.warn({ code: finding.code, hint: finding.hint }, formatFinding(finding)),
  });
  const stop = async () => {
    await source.close();
    await runner.stop();
    observer.flush();
  };
  try {
    await runner.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: settings.name,
    status: () => {
      observer.flush();
      return staleIsNotReady(record.status(runner.state), record.heldMs, settings);
    },
    settled: () => settled.promise,
    stop,
    abandon: () => runner.abandon(),
  };
}

function rolloutConfig({ settings, once }: BundleOptions): RolloutConfig {
  return {
    publishes: (settings.publish ?? settings.expand) !== undefined,
    targets: once ? [] : settings.targets.map(retriesOf),
    confirms: !once && settings.confirm !== undefined,
    compares: settings.confirm !== undefined && compares(settings.confirm),
    tellsAtStart: settings.tellAtStart,
    onFailure: settings.onFailure,
  };
}

/** `staleAfter`: a bundle that has been degraded for so long is no longer ready. */
function staleIsNotReady(
  status: BundleStatus,
  degradedMs: number,
  { staleAfterMs }: BundleSettings,
): BundleStatus {
  if (staleAfterMs === undefined || status.health.state !== 'degraded') return status;
  return degradedMs < staleAfterMs ? status : { ...status, ready: false };
}

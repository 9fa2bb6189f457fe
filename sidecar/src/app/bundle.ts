import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import { watchVolumes } from '@lastgood/core/source/source.ts';
import { deferObserver } from '../observability/deferred-observer.ts';
import { logProblem } from '../observability/log.ts';
import { createObserver, type ObserverOptions } from '../observability/observer.ts';
import { type BundleStatus, createStatusTracker } from '../observability/status.ts';
import type { RolloutConfig } from '../rollout/state.ts';
import { BundleRunner } from '../runner/bundle-runner.ts';
import { hasComparableVersions, isOverSocket } from '../settings/bundle.ts';
import type { TargetSettings } from '../settings/settings.ts';
import { needsBaseline } from '../steps/confirm/probes.ts';
import { checkTargets } from '../steps/deliver/check-targets.ts';
import { kindOf, retriesOf } from '../steps/deliver/targets.ts';
import { bundleStateOf } from '../subscribers/bundle-state.ts';
import { appSettings, createPorts, type WiringOptions } from './wiring.ts';

/** What a bundle is wired from, and what observes its rollouts. */
export type BundleOptions = WiringOptions &
  Pick<ObserverOptions, 'metrics' | 'metricsAdapter' | 'onEnd'>;

/** A bundle that was started. */
export interface RunningBundle {
  status(): BundleStatus;
  /**
   * Resolves when the newest content is accepted or rejected and nothing is under way, or with the
   * findings when nothing more can be done.
   */
  readonly settled: Promise<readonly Finding[]>;
  /** Finishes the running step. */
  stop(): Promise<void>;
  /** For a `stop` that takes too long: ignores the results of what still runs. */
  abandon(): void;
}

/** Wires the steps and volumes of one bundle to its runner, and starts it. */
export async function startBundle(options: BundleOptions): Promise<RunningBundle> {
  const { settings, clock, log, metrics, metricsAdapter, hub, secrets } = options;
  const { name: bundle } = settings;
  // A label is the kind of a target and its index, never its URL.
  const targetLabels = appSettings(options).targets.map(
    (target, index) => `${kindOf(target)}-${index}`,
  );
  const config = rolloutConfig(options);
  const tracker = createStatusTracker(bundle, config, clock);
  const { promise: settled, resolve: onSettled } = Promise.withResolvers<readonly Finding[]>();
  const observer = deferObserver(
    createObserver({ ...options, bundle, targetLabels, config, tracker, onSettled }),
  );
  const ports = await createPorts(options, observer);
  metrics.declareBundle(bundle, {
    targets: targetLabels,
    isComparable: hasComparableVersions(settings),
    isReady: () => status().ready,
  });
  const runner = new BundleRunner(settings, config, ports);
  const status = () => {
    observer.flush();
    const mode = isOverSocket(settings) ? ({ mode: 'socket' } as const) : {};
    const subscribers = hub && { subscribers: hub.status((words) => secrets.scrub(words)) };
    const shown = { ...tracker.status(runner.state), ...mode, ...subscribers };
    const isDegraded = shown.health.state === 'degraded';
    // A bundle that has been degraded for `staleAfter` is no longer ready.
    const isStale = isDegraded && tracker.heldMs() >= (settings.staleAfterMs ?? Infinity);
    return isStale ? { ...shown, ready: false } : shown;
  };
  hub?.connect({
    find: (version) => runner.find(version),
    describe: (state) => bundleStateOf(state, config),
  });
  const source = watchVolumes({
    volumes: settings.volumes,
    settleMs: settings.settleMs,
    clock,
    onChange: () => void runner.reconcile(),
    onProblem: (finding) => {
      metrics.watchRestarted(bundle);
      metricsAdapter?.watchRestarted(bundle);
      logProblem(log, finding);
    },
    onRestored: (path) => log.info({ path }, `watching ${path} works again; polling has ended`),
    onWarning: (finding) =>
      log.warn({ code: finding.code, hint: finding.hint }, formatFinding(finding)),
  });
  const ended = new AbortController();
  const stop = async () => {
    ended.abort();
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
  void checkTargets(ports.targets, {
    clock,
    signal: ended.signal,
    onChecked: (index, hasProblem) =>
      metrics.targetChecked(bundle, targetLabels[index] ?? '', hasProblem),
    onWarning: (finding) => logProblem(log, finding),
    onSolved: (target) => log.info({ target }, `${target}: the process is there now`),
  });
  return {
    status,
    settled,
    stop,
    abandon: () => runner.abandon(),
  };
}

function rolloutConfig(options: BundleOptions): RolloutConfig {
  const { publish, expand, confirm, tellAtStart } = options.settings;
  const { onFailure, maxAbsenceMs, quarantineAfter } = options.settings;
  const app = appSettings(options);
  return {
    publishes: (publish ?? expand) !== undefined || isOverSocket(options.settings),
    targets: app.targets.map(retriesOf),
    conditionalTargets: options.hub === undefined ? [] : restartTargets(app.targets),
    confirms: app.confirm !== undefined,
    compares: confirm !== undefined && needsBaseline(confirm),
    tellsAtStart: tellAtStart,
    onFailure,
    maxAbsenceMs,
    quarantineAfter,
  };
}

/** Processes that subscribe mostly change while they run: only a version that needs it restarts them. */
function restartTargets(targets: readonly TargetSettings[]): number[] {
  return [...targets.entries()].flatMap(([index, target]) => ('restart' in target ? [index] : []));
}

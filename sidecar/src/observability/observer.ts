import type { Finding } from '@lastgood/core/model/finding.ts';
import type { BundleOptions } from '../app/bundle.ts';
import type { RolloutConfig, State } from '../rollout/state.ts';
import type { Observer } from '../runner/ports.ts';
import type { Target } from '../steps/deliver/target.ts';
import { kindOf } from '../steps/deliver/targets.ts';
import { logProblem, logStep, logWaiting } from './log.ts';
import { logOutcome } from './log-outcome.ts';
import type { StatusTracker } from './status-tracker.ts';

/** The metrics' name of a target: its kind and place, never its URL. */
export function targetLabel({ kind }: Pick<Target, 'kind'>, index: number): string {
  return `${kind}-${index}`;
}

/**
 * Tells the record, the metrics, the log and what follows them of a bundle. `onSettled` is called
 * when there is nothing to wait for, each time with what is in the way.
 */
export function createObserver(
  { settings, clock, log, metrics, metricsAdapter, onEnd }: BundleOptions,
  { config, record }: { readonly config: RolloutConfig; readonly record: StatusTracker },
  onSettled: (findings: readonly Finding[]) => void,
): Observer {
  const { name } = settings;
  const labels = settings.targets.map((target, index) =>
    targetLabel({ kind: kindOf(target) }, index),
  );
  /** The probation that was last told of, by its phase. */
  let toldOf: number | undefined;
  const show = (state: State) => {
    record.changed(state);
    const { health, ready } = record.status(state);
    metrics.healthIs(name, { ready, degraded: health.state === 'degraded' });
  };
  return {
    step: (report) => {
      record.step(report);
      metrics.stepTook(name, report.step, report.durationMs / 1000);
      if (report.snapshot !== undefined) metrics.captured(name, report.snapshot);
      if (report.attempt !== undefined && report.attempt > 1)
        metrics.deliveryRetried(name, labels[report.targetIndex ?? 0] ?? '');
      metricsAdapter?.step(name, report);
      logStep(log, report);
    },
    waiting: (report) => {
      record.waiting(report);
      if (report.finding === null || report.generation === toldOf) return;
      toldOf = report.generation;
      logWaiting(log, report, report.finding);
    },
    finished: (end, state, snapshot) => {
      record.finished(end);
      metrics.rolloutEnded(name, end.outcome);
      metricsAdapter?.finished(name, end);
      if (end.outcome === 'committed' && end.version !== null && snapshot !== undefined)
        metrics.committed(name, end.version, (clock.wallMs() - snapshot.writtenAtMs) / 1000);
      logOutcome(log, end, state, config);
      onEnd();
    },
    changed: (state) => {
      show(state);
      metrics.activeIs(name, state.active);
      if (isSettled(state)) onSettled([]);
    },
    blocked: (finding, state) => {
      record.blocked(finding);
      show(state);
    },
    trouble: (finding) => {
      logProblem(log, finding);
      onSettled([finding]);
    },
  };
}

/** Nothing more will come of what the volume holds now, unless it changes or is tried again. */
function isSettled({ checking, desired, rejected, phase }: State): boolean {
  if (checking !== null) return false;
  if (phase.name === 'starting') return rejected !== null;
  return phase.name === 'retrying' || (phase.name === 'steady' && (desired ?? rejected) !== null);
}

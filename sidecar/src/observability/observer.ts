import type { Finding } from '@lastgood/core/model/finding.ts';
import type { BundleOptions } from '../app/bundle.ts';
import type { Plan, State } from '../rollout/state.ts';
import type { Observer } from '../runner/ports.ts';
import type { Target } from '../steps/deliver/target.ts';
import { kindOf } from '../steps/deliver/targets.ts';
import { logStep, logTrouble, logWaiting } from './log.ts';
import { logEnd } from './log-outcome.ts';
import type { Record } from './status-tracker.ts';

/** The metrics' name of a target: its kind and place, never its URL. */
export function labelOf({ kind }: Pick<Target, 'kind'>, index: number): string {
  return `${kind}-${index}`;
}

/**
 * Tells the record, the metrics, the log and what follows them of a bundle. `onSettled` is called
 * when there is nothing to wait for, each time with what is in the way.
 */
export function createObserver(
  { settings, clock, log, metrics, follower, onEnd }: BundleOptions,
  { plan, record }: { readonly plan: Plan; readonly record: Record },
  onSettled: (findings: readonly Finding[]) => void,
): Observer {
  const { name } = settings;
  const labels = settings.targets.map((target, index) => labelOf({ kind: kindOf(target) }, index));
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
      follower?.step(name, report);
      logStep(log, report);
    },
    waiting: (report) => {
      record.waiting(report);
      if (report.finding === null || report.seq === toldOf) return;
      toldOf = report.seq;
      logWaiting(log, report, report.finding);
    },
    finished: (end, state, snapshot) => {
      record.finished(end);
      metrics.rolloutEnded(name, end.outcome);
      follower?.finished(name, end);
      if (end.outcome === 'committed' && end.version !== null && snapshot !== undefined)
        metrics.committed(name, end.version, (clock.wallMs() - snapshot.writtenAtMs) / 1000);
      logEnd(log, end, state, plan);
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
      logTrouble(log, finding);
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

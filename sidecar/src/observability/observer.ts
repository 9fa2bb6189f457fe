import type { Clock } from '@lastgood/core/model/clock.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import type { Logger } from 'pino';
import type { Finish } from '../rollout/events.ts';
import { failedRollbackOf, isVolumeRejected } from '../rollout/health.ts';
import { type RolloutConfig, rolloutOf, type State } from '../rollout/state.ts';
import type { Observer, StepReport } from '../runner/ports.ts';
import { logOutcome, logPendingRestart, logProblem, logStep, logWaiting } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { StatusTracker } from './status.ts';

/** Keeps the metrics of a reloader that lastgood replaces. Decides nothing. */
export interface MetricsAdapter {
  step(bundle: string, report: StepReport): void;
  /** `isActive`: the app runs on the version of the rollout now. */
  finished(bundle: string, end: Finish, isActive: boolean): void;
  /** A watch failed and was restarted. */
  watchRestarted(bundle: string): void;
}

export interface ObserverOptions {
  readonly bundle: string;
  /** The metrics' label of each target, by its index in the settings. */
  readonly targetLabels: readonly string[];
  readonly config: RolloutConfig;
  readonly tracker: StatusTracker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly metricsAdapter: MetricsAdapter | undefined;
  /** Called when a rollout has ended. */
  readonly onEnd: () => void;
  /** Called whenever there is nothing to wait for, with the findings that block the bundle. */
  readonly onSettled: (findings: readonly Finding[]) => void;
}

/** Passes what happens in a bundle on to its status, its metrics and its log. */
export function createObserver(options: ObserverOptions): Observer {
  const { bundle, targetLabels, config, tracker, clock, log, metrics, metricsAdapter } = options;
  const { onEnd, onSettled } = options;
  /** The generation of the probation that was last logged as waiting. */
  let loggedWaiting: number | undefined;
  /** The rollout that was last logged as waiting for a restart of the app. */
  let loggedPending: string | undefined;
  /** When the files were written, as monotonic time, so that the clock may be set meanwhile. */
  const writtenMs = new WeakMap<Snapshot, number>();
  const writtenMsOf = (snapshot: Snapshot) =>
    writtenMs.get(snapshot) ?? clock.nowMs() - (clock.wallMs() - snapshot.writtenAtMs);
  /** The delivery whose last answer was `absent`. */
  let absentDelivery: string | undefined;
  /** Whether the answer before it, in the same delivery, was `absent` too. */
  const isStillAbsent = ({ rollout, step, result, targetIndex, isRollback }: StepReport) => {
    if (step !== 'deliver') return false;
    const before = absentDelivery;
    absentDelivery = result === 'absent' ? `${rollout} ${targetIndex} ${isRollback}` : undefined;
    return absentDelivery !== undefined && absentDelivery === before;
  };
  const isRollbackFailing = watchRollbacks();
  const show = (state: State) => {
    tracker.changed(state);
    const { health } = tracker.status(state);
    const { state: shown, appAbsent = false, pendingRestart = false } = health;
    metrics.healthIs(bundle, {
      degraded: shown === 'degraded' && !appAbsent && !pendingRestart,
      appAbsent,
      pendingRestart,
      sinceMs: Date.parse(health.since),
      volumeRejected: isVolumeRejected(state),
      rollbackFailing: isRollbackFailing(state),
    });
  };
  return {
    step: (report) => {
      const { step, durationMs, snapshot, attempt = 1, targetIndex = 0 } = report;
      tracker.step(report);
      metrics.stepTook(bundle, step, durationMs / 1000);
      if (snapshot !== undefined) {
        writtenMs.set(snapshot, writtenMsOf(snapshot));
        metrics.captured(bundle, snapshot);
      }
      if (attempt > 1) metrics.deliveryRetried(bundle, targetLabels[targetIndex] ?? '');
      metricsAdapter?.step(bundle, report);
      // One line a second would fill the log while an app is down.
      if (!isStillAbsent(report)) logStep(log, report);
    },
    waiting: (report) => {
      tracker.waiting(report);
      if (report.finding === null || report.generation === loggedWaiting) return;
      loggedWaiting = report.generation;
      logWaiting(log, report, report.finding);
    },
    finished: (end, state, snapshot) => {
      tracker.finished(end);
      metrics.rolloutEnded(bundle, end.outcome);
      metricsAdapter?.finished(bundle, end, end.version !== null && end.version === state.active);
      if (end.outcome === 'committed' && end.version !== null && snapshot !== undefined)
        metrics.committed(bundle, (clock.nowMs() - writtenMsOf(snapshot)) / 1000);
      logOutcome(log, end, state, config);
      onEnd();
    },
    changed: (state) => {
      show(state);
      metrics.versionsAre(bundle, state);
      const { phase } = state;
      if (phase.name === 'pending-restart' && phase.rollout.rollout !== loggedPending) {
        loggedPending = phase.rollout.rollout;
        logPendingRestart(log, phase.rollout, state);
      }
      if (isSettled(state)) onSettled([]);
    },
    blocked: (finding, state) => {
      tracker.blocked(finding);
      show(state);
    },
    problem: (finding) => {
      logProblem(log, finding);
      onSettled([finding]);
    },
  };
}

/** Knows whether an attempt of the rollback under way has failed: its next step may go well, and then fail again. */
function watchRollbacks() {
  let failed: string | undefined;
  return (state: State) => {
    failed = failedRollbackOf(state)?.rollout ?? failed;
    const current = rolloutOf(state);
    return Boolean(current?.failure) && current?.rollout === failed;
  };
}

/** Whether the content of the volume is decided, unless it changes or is tried again. */
function isSettled({ checking, desired, rejected, phase }: State): boolean {
  if (checking !== null) return false;
  if (phase.name === 'starting') return rejected !== null;
  if (phase.name === 'pending-restart') return true;
  return phase.name === 'retrying' || (phase.name === 'steady' && (desired ?? rejected) !== null);
}

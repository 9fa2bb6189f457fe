import type { Finding } from '@lastgood/core/model/finding.ts';
import { type Rollout, type RolloutConfig, rolloutOf, type State } from './state.ts';

export interface Health {
  readonly state: 'ok' | 'degraded' | 'not-ready';
  /** One short sentence; absent if the state is `ok`. */
  readonly reason?: string;
  /** It is degraded only because no app is running; a version waits for it. */
  readonly appAbsent?: true;
  /** It is degraded only because the newest version needs a restart of the app. */
  readonly pendingRestart?: true;
  /** Why it is not ok; in the status also why a confirmation takes long. */
  readonly findings: readonly Finding[];
}

/** Ready: the app runs on a good version, or finds one when it starts. */
export function isReady(state: State, config: RolloutConfig): boolean {
  if (config.publishes) return state.published !== null;
  return state.active !== null || rolloutOf(state) !== null;
}

/** What `/readyz`, `/status` and the metrics show. `blocked`: why the bundle is at a standstill. */
export function healthOf(
  state: State,
  config: RolloutConfig,
  blocked: Finding | null = null,
): Health {
  const { phase, rejected } = state;
  const isUp = isReady(state, config);
  if (blocked !== null) {
    const reason = 'waiting until the journal can be written';
    return { state: isUp ? 'degraded' : 'not-ready', reason, findings: [blocked] };
  }
  const failed = 'tries' in phase ? phase.tries.findings : [];
  if (!isUp) {
    if (failed.length > 0)
      return {
        state: 'not-ready',
        reason: `${phase.name} after a failed attempt`,
        findings: failed,
      };
    const reason = rejected === null ? 'no snapshot has been checked yet' : 'no good snapshot yet';
    return { state: 'not-ready', reason, findings: rejected?.findings ?? [] };
  }
  const failure = rolloutOf(state)?.failure;
  if (failure) {
    const findings = failed.length > 0 ? failed : failure.findings;
    return { state: 'degraded', reason: 'rolling back to the last good version', findings };
  }
  if (phase.name === 'pending-restart' && rejected === null)
    return {
      state: 'degraded',
      reason: 'the newest version needs a restart of the app',
      pendingRestart: true,
      findings: phase.rollout.needsRestart ?? [],
    };
  if (isOnlyAbsent(state))
    return {
      state: 'degraded',
      reason: 'waiting for the app to run',
      appAbsent: true,
      findings: failed,
    };
  if (failed.length > 0)
    return { state: 'degraded', reason: `${phase.name} after a failed attempt`, findings: failed };
  if (rejected === null) return { state: 'ok', findings: [] };
  const reason = `the newest version was rejected by ${rejected.step}`;
  return { state: 'degraded', reason, findings: rejected.findings };
}

/**
 * Whether the version in the volume was rejected for good: lastgood tries it again only if its content
 * changes, and a new pod would find nothing else. After a fault it is tried again by itself.
 */
export function isVolumeRejected({ rejected, pendingRetry }: State): boolean {
  if (rejected === null) return false;
  return pendingRetry === null || pendingRetry.version !== rejected.version;
}

/** The rollback under way, if its last attempt failed; a step that goes well is not yet the end of it. */
export function failedRollbackOf(state: State): Rollout | null {
  const rollout = rolloutOf(state);
  const { phase } = state;
  const hasFailed = 'tries' in phase && phase.tries.findings.length > 0;
  return rollout?.failure && hasFailed ? rollout : null;
}

/** Whether each attempt to deliver has found no app, and nothing else is wrong. */
function isOnlyAbsent({ phase, rejected }: State): boolean {
  const step = phase.name === 'retrying' ? phase.step : phase.name;
  if (!('tries' in phase) || (step !== 'deliver' && step !== 'delivering')) return false;
  const { faults, findings } = phase.tries;
  const isAbsent =
    findings.length > 0 && findings.every(({ code }) => code === 'LG_DELIVER_ABSENT');
  return isAbsent && faults === 0 && rejected === null;
}

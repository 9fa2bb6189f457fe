import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { BundleState } from '@lastgood/core/model/sdk-protocol.ts';
import { healthOf } from '../rollout/health.ts';
import type { RolloutConfig, State } from '../rollout/state.ts';

/** Of one rejected version, at most. */
const MAX_REASONS = 10;

/** How the bundle is, for its subscribers. */
export function bundleStateOf(state: State, config: RolloutConfig): BundleState {
  const { rejected } = state;
  const health = healthOf(state, config);
  if (health.state === 'ok') return { status: 'ok' };
  const findings = health.findings.map(formatFinding);
  const reason = findings[0] ?? health.reason;
  return {
    status: health.pendingRestart ? 'pending-restart' : 'degraded',
    ...(reason === undefined ? {} : { reason }),
    ...(rejected?.version
      ? { rejected: { version: rejected.version, reasons: reasonsOf(rejected.findings) } }
      : {}),
  };
}

/** Whether a check of the volume has ended and no newer one runs. */
export function isChecked({ checking, desired, rejected }: State): boolean {
  return checking === null && (desired ?? rejected) !== null;
}

function reasonsOf(findings: readonly Finding[]): readonly string[] {
  return findings.slice(0, MAX_REASONS).map(formatFinding);
}

import { formatFinding } from '@lastgood/core/model/finding.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Logger } from 'pino';
import type { Outcome } from '../rollout/outcome.ts';
import type { Effect, RolloutConfig, State } from '../rollout/state.ts';
import { shortVersion, summarize } from './log.ts';

type End = Effect & { type: 'finish' };

/** The line that an SRE looks for: how the rollout ended, and what is known of what the app runs on. */
export function logOutcome(log: Logger, end: End, state: State, config: RolloutConfig): void {
  const { rollout, outcome, failure } = end;
  const version = shortVersion(end.version);
  const active = shortVersion(state.active);
  const fields = {
    rollout,
    version,
    outcome,
    active,
    lastGood: shortVersion(state.lastGood),
    ...(failure === null
      ? {}
      : { step: failure.step, findings: failure.findings.map(formatFinding) }),
  };
  const level = outcome === 'superseded' && failure !== null ? 'warn' : LEVELS[outcome];
  const message = `${outcome} ${version ?? 'unreadable content'}${summarizeFailure(end)}${formatPendingRetry(end)}`;
  const standing = config.confirms ? proven(active, state) : unproven(active, end);
  log[level](fields, `${message}; ${standing}`);
}

function summarizeFailure({ outcome, failure }: End): string {
  if (failure === null) return '';
  const by = `by ${failure.step}${summarize(failure.findings)}`;
  if (outcome === 'superseded') return ` on its way back, having failed ${by}`;
  return failure.kind === 'quarantined'
    ? `, not tried again, having failed before ${by}`
    : ` ${by}`;
}

/** Whoever mends something meanwhile should not be surprised by it. */
function formatPendingRetry({ pendingRetryMs }: End): string {
  return pendingRetryMs === undefined
    ? ''
    : `; it is tried again within ${formatDuration(pendingRetryMs)}`;
}

/** Whoever was told of something else may run on that, until a commit or the end of the way back. */
function proven(active: string | null, { notifiedTargets }: State): string {
  if (active === null) return 'nothing is confirmed yet';
  return notifiedTargets.length === 0
    ? `the app runs on ${active}`
    : `last confirmed was ${active}`;
}

/** Without `confirm` nobody knows more than who was told. */
function unproven(active: string | null, { outcome, told }: End): string {
  if (outcome === 'committed')
    return told ? 'told, with no proof asked for' : 'nobody was told, and no proof was asked for';
  if (active === null) return 'nothing is committed yet';
  if (outcome === 'rolled-back') return `${active} is back, with no proof asked for`;
  return `last committed was ${active}`;
}

const LEVELS = {
  committed: 'info',
  unchanged: 'info',
  superseded: 'info',
  rejected: 'warn',
  'rolled-back': 'error',
} as const satisfies Record<Outcome, string>;

import { formatFinding } from '@lastgood/core/model/finding.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import type { Logger } from 'pino';
import type { Outcome } from '../rollout/outcome.ts';
import type { Finish, RolloutConfig, State } from '../rollout/state.ts';
import { shortVersion, summarize } from './log.ts';

const LEVELS = {
  committed: 'info',
  unchanged: 'info',
  superseded: 'info',
  rejected: 'warn',
  'rolled-back': 'error',
} as const satisfies Record<Outcome, string>;

/** Logs the end of a rollout in one line: what failed, where and why, and what the app runs on now. */
export function logOutcome(log: Logger, end: Finish, state: State, config: RolloutConfig): void {
  const { rollout, outcome, failure } = end;
  const version = shortVersion(end.version);
  const active = shortVersion(state.active);
  const lastGood = shortVersion(state.lastGood);
  const findings = failure?.findings.map(formatFinding);
  const why = failure === null ? {} : { step: failure.step, findings };
  const fields = { rollout, version, outcome, active, lastGood, ...why };
  const level = outcome === 'superseded' && failure !== null ? 'warn' : LEVELS[outcome];
  const what = `${outcome} ${version ?? 'unreadable content'}${formatFailure(end)}`;
  const now = config.confirms ? formatConfirmed(active, state) : formatUnconfirmed(active, end);
  log[level](fields, `${what}${formatPendingRetry(end)}; ${now}`);
}

function formatFailure({ outcome, failure }: Finish): string {
  if (failure === null) return '';
  const by = `by ${failure.step}${summarize(failure.findings)}`;
  if (outcome === 'superseded') return ` during its rollback, after it was rejected ${by}`;
  return failure.kind === 'quarantined' ? `, already quarantined ${by}` : ` ${by}`;
}

/** So that a person who fixes something meanwhile is not surprised. */
function formatPendingRetry({ pendingRetryMs: ms }: Finish): string {
  return ms === undefined ? '' : `; lastgood retries it within ${formatDuration(ms)}`;
}

/** A notified target may run on another version until a commit or the end of the rollback. */
function formatConfirmed(active: string | null, { notifiedTargets }: State): string {
  if (active === null) return 'no version is confirmed yet';
  return notifiedTargets.length === 0 ? `the app runs on ${active}` : `last confirmed: ${active}`;
}

/** Without `confirm`, all that is known is whether targets were notified. */
function formatUnconfirmed(active: string | null, { outcome, notified }: Finish): string {
  if (outcome === 'committed')
    return notified ? 'targets notified, not confirmed' : 'no target notified, not confirmed';
  if (active === null) return 'no version is committed yet';
  if (outcome === 'rolled-back') return `${active} restored, not confirmed`;
  return `last committed: ${active}`;
}

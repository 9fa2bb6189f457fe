import type { Logger } from 'pino';
import type { Outcome } from '../rollout/outcome.ts';
import type { Effect, State } from '../rollout/state.ts';
import { formatDuration } from '../settings/units.ts';
import { formatFinding } from '../verdict.ts';
import { because, shortVersion } from './log.ts';

type End = Effect & { type: 'finish' };

/** The line that an SRE looks for: how the rollout ended, and what the app runs on now. */
export function logEnd(log: Logger, end: End, state: State): void {
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
  const message = `${outcome} ${version ?? 'unreadable content'}${whyOf(end)}${againOf(end)}`;
  log[level](fields, `${message}; ${runsOn(active, state)}`);
}

function whyOf({ outcome, failure }: End): string {
  if (failure === null) return '';
  const by = `by ${failure.step}${because(failure.findings)}`;
  if (outcome === 'superseded') return ` on its way back, having failed ${by}`;
  return failure.kind === 'quarantined'
    ? `, not tried again, having failed before ${by}`
    : ` ${by}`;
}

/** Whoever mends something meanwhile should not be surprised by it. */
function againOf({ againMs }: End): string {
  return againMs === undefined ? '' : `; it is tried again within ${formatDuration(againMs)}`;
}

/** Whoever was told of something else may run on that, until a commit or the end of the way back. */
function runsOn(active: string | null, { told }: State): string {
  if (active === null) return 'nothing is confirmed yet';
  return told.length === 0 ? `the app runs on ${active}` : `last confirmed was ${active}`;
}

const LEVELS = {
  committed: 'info',
  unchanged: 'info',
  superseded: 'info',
  rejected: 'warn',
  'rolled-back': 'error',
} as const satisfies Record<Outcome, string>;

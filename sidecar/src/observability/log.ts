import { escapeInvisibleInJson } from '@lastgood/core/model/escape.ts';
import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { formatDuration } from '@lastgood/core/model/units.ts';
import { type Logger, pino } from 'pino';
import type { Finish } from '../rollout/events.ts';
import type { Outcome } from '../rollout/outcome.ts';
import type { Rollout, RolloutConfig, State } from '../rollout/state.ts';
import type { StepReport, WaitingReport } from '../runner/ports.ts';
import type { Settings } from '../settings/settings.ts';
import { createLogOutput } from './log-output.ts';
import { roundMs } from './round-ms.ts';

/** A log to standard output. */
export function createLog({ level, format }: Settings['log']): Logger {
  const output = createLogOutput();
  // To parse a few lines a rollout again is cheap.
  const logfmt = { write: (line: string) => output.write(formatLogfmt(JSON.parse(line))) };
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: escapeInvisibleInJson },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, format === 'json' ? output : logfmt);
}

/**
 * A log line as `key=value` pairs, quoted like Go's logfmt libraries do, so that the same queries work
 * as for the logs of Prometheus. A value that is not a string becomes JSON.
 */
export function formatLogfmt(fields: Readonly<Record<string, unknown>>): string {
  const { time, level, msg, ...more } = fields;
  const pairs = Object.entries({ ts: time, level, msg, ...more })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key.replace(NO_KEY, '_')}=${formatValue(value)}`);
  return `${pairs.join(' ')}\n`;
}

/** Characters that would end a key. */
const NO_KEY = /[\s="\p{Cc}]/gu;

/** Characters that need quotes. */
const NEEDS_QUOTES = /[\s="\\\p{Cc}\p{Cf}\ufffd]/u;

function formatValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Go reads JSON's escapes.
  return NEEDS_QUOTES.test(text) ? escapeInvisibleInJson(JSON.stringify(text)) : text;
}

/** The part of a version that people see. */
function shortVersion(version: Version | null): string | null {
  return version === null ? null : version.slice('sha256:'.length, 'sha256:'.length + 12);
}

const GOOD_RESULTS = new Set(['captured', 'accepted', 'published', 'committed']);

/** One line a step. The message itself says what was rejected, where and why. */
export function logStep(log: Logger, report: StepReport): void {
  const { rollout, step, result, durationMs, findings, target, attempt, isRollback } = report;
  const fields = {
    rollout,
    version: shortVersion(report.version),
    step,
    result,
    durationMs: roundMs(durationMs),
    ...(target === undefined ? {} : { target }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(isRollback ? { back: true } : {}),
    ...(findings.length === 0 ? {} : { findings: findings.map(formatFinding) }),
  };
  const message = `${isRollback ? 'roll back: ' : ''}${step} ${result}${summarize(findings)}`;
  // An accepted version with warnings is what people look for after an incident.
  if (GOOD_RESULTS.has(result) && findings.length === 0) log.info(fields, message);
  else log.warn(fields, message);
}

/** A confirmation that takes long and may need attention. */
export function logWaiting(log: Logger, report: WaitingReport, finding: Finding): void {
  const { rollout, version, isRollback } = report;
  const { code, hint } = finding;
  const shown = { rollout, version: shortVersion(version), step: 'confirm', code, hint };
  const message = `${isRollback ? 'roll back: ' : ''}${formatFinding(finding)}`;
  log.warn({ ...shown, ...(isRollback ? { back: true } : {}) }, message);
}

/** A version that waits for a restart of the app: why, and what to do. */
export function logPendingRestart(log: Logger, rollout: Rollout, { active }: State): void {
  const { needsRestart: findings = [] } = rollout;
  const version = shortVersion(rollout.version);
  const shown = { rollout: rollout.rollout, version, findings: findings.map(formatFinding) };
  const now = active === null ? '' : `; until then it stays on ${shortVersion(active)}`;
  const todo = 'restart it, for example with kubectl rollout restart';
  log.warn(shown, `${version} needs a restart of the app${summarize(findings)}${now}; ${todo}`);
}

/** A process that cannot start on a version. Its own words are left out: they may quote a secret. */
export function logFailedStart(log: Logger, version: Version, label: string): void {
  const shown = shortVersion(version);
  log.warn({ version: shown }, `${label} cannot start on ${shown}; its own log has the reason`);
}

export function logProblem(log: Logger, finding: Finding): void {
  const { code, hint, severity } = finding;
  log[severity === 'error' ? 'error' : 'warn']({ code, hint }, formatFinding(finding));
}

const LEVELS = {
  committed: 'info',
  unchanged: 'info',
  superseded: 'info',
  rejected: 'warn',
  'rolled-back': 'error',
} as const satisfies Record<Outcome, string>;

/** Logs the end of a rollout in one line: what failed, where and why, and what the app runs on now. */
export function logOutcome(log: Logger, end: Finish, state: State, config: RolloutConfig): void {
  const { rollout, outcome, failure, pendingRetryMs: retryMs } = end;
  const version = shortVersion(end.version);
  const active = shortVersion(state.active);
  const lastGood = shortVersion(state.lastGood);
  const findings = failure?.findings.map(formatFinding);
  const fields = { rollout, version, outcome, active, lastGood, step: failure?.step, findings };
  const level = outcome === 'superseded' && failure !== null ? 'warn' : LEVELS[outcome];
  const what = `${outcome} ${version ?? 'unreadable content'}${formatFailure(end)}`;
  const now = config.confirms ? formatConfirmed(active, state) : formatUnconfirmed(active, end);
  // So that a person who fixes something meanwhile is not surprised.
  const retry =
    retryMs === undefined ? '' : `; lastgood retries it within ${formatDuration(retryMs)}`;
  log[level](fields, `${what}${retry}; ${now}`);
}

function formatFailure({ outcome, failure }: Finish): string {
  if (failure === null) return '';
  const by = `by ${failure.step}${summarize(failure.findings)}`;
  if (outcome === 'superseded') return ` during its rollback, after it was rejected ${by}`;
  return failure.kind === 'quarantined' ? `, already quarantined ${by}` : ` ${by}`;
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

/** The first finding, and how many more there are. */
function summarize(findings: readonly Finding[]): string {
  const [first] = findings;
  if (first === undefined) return '';
  const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`;
  return `: ${formatFinding(first)}${more}`;
}

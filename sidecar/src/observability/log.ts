import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { StepReport, WaitingReport } from '../runner/ports.ts';
import type { Settings } from '../settings/settings.ts';
import { formatLogfmt } from './logfmt.ts';

/** While nothing reads the log, keep lines up to this size and then drop them: never block. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** More than the lines of one turn; sonic-boom accepts at most 16 KiB here. */
const TURN_BYTES = 16_000;

/** A log to standard output. */
export function createLog({ level, format }: Settings['log']): Logger {
  const output = createOutput();
  // To parse a few lines a rollout again is cheap.
  const logfmt = { write: (line: string) => output.write(formatLogfmt(JSON.parse(line))) };
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, format === 'json' ? output : logfmt);
}

/**
 * Standard output, written at the end of a turn of the event loop: log lines do not delay the request
 * to the app, and a full pipe does not stop the sidecar.
 */
function createOutput(): DestinationStream {
  const output = pino.destination({
    fd: 1,
    sync: false,
    minLength: TURN_BYTES,
    maxLength: MAX_PENDING_BYTES,
  });
  let isDirty = false;
  let isFlushing = false;
  const flush = () => {
    isDirty = false;
    // A line written during a flush needs another flush.
    output.flush(() => {
      isFlushing = false;
      if (isDirty) schedule();
    });
  };
  const schedule = () => {
    if (isFlushing) return;
    isFlushing = true;
    setImmediate(flush);
  };
  return {
    write(line) {
      output.write(line);
      isDirty = true;
      schedule();
    },
  };
}

/** The part of a version that people see. */
export function shortVersion(version: Version | null): string | null {
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
    durationMs: Math.round(durationMs * 100) / 100,
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

export function logProblem(log: Logger, finding: Finding): void {
  const { code, hint, severity } = finding;
  log[severity === 'error' ? 'error' : 'warn']({ code, hint }, formatFinding(finding));
}

/** The first finding, and how many more there are. */
export function summarize(findings: readonly Finding[]): string {
  const [first] = findings;
  if (first === undefined) return '';
  const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`;
  return `: ${formatFinding(first)}${more}`;
}

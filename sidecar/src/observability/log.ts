import { type Finding, formatFinding } from '@lastgood/core/model/finding.ts';
import type { Version } from '@lastgood/core/model/snapshot.ts';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { StepReport, WaitingReport } from '../runner/ports.ts';
import type { LogFormat } from '../settings/settings.ts';
import { logfmtOf } from './logfmt.ts';

/** Lines that nobody takes are kept up to this size, and then dropped: a log never holds us up. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** More than the lines of one turn; sonic-boom takes no more than 16 KiB here. */
const TURN_BYTES = 16_000;

/**
 * Standard output, written to at the end of a turn of the event loop: the lines of a rollout's
 * first steps do not delay the request to the app, and a full pipe does not stop the sidecar.
 */
export function standardOutput(): DestinationStream {
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
    // A line that is written while this is under way is not part of it, and asks for another one.
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

/** Lines come as JSON; as logfmt they are read once more, which at a few lines a rollout is cheap. */
export function inFormat(format: LogFormat, output: DestinationStream): DestinationStream {
  if (format === 'json') return output;
  return { write: (line) => output.write(logfmtOf(JSON.parse(line))) };
}

/** What of a version people see. */
export function shortVersion(version: Version | null): string | null {
  return version === null ? null : version.slice('sha256:'.length, 'sha256:'.length + 12);
}

const GOOD_RESULTS = new Set(['captured', 'accepted', 'published', 'committed']);

/** One line a step. What was rejected, where and why stands in the message itself. */
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
  // What is let pass with a warning is what somebody looks for after the next incident.
  if (GOOD_RESULTS.has(result) && findings.length === 0) log.info(fields, message);
  else log.warn(fields, message);
}

/** A step that is still under way, and that somebody may want to look at. */
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

/** What a message says of what was found: the first of it, and how much more there is. */
export function summarize(findings: readonly Finding[]): string {
  const [first] = findings;
  if (first === undefined) return '';
  const more = findings.length === 1 ? '' : ` (and ${findings.length - 1} more)`;
  return `: ${formatFinding(first)}${more}`;
}

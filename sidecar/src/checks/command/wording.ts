import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { truncate } from '@lastgood/core/model/truncate.ts';
import { formatEnding, MAX_LINE_LENGTH } from '../../io/process/command-output.ts';
import type { Ended, Ending } from '../../io/process/run-command.ts';
import { listFindings } from '../check-result.ts';
import { locationsIn } from './output-locations.ts';
import { isWarning, linesOf, mostInformative, withoutPrefix } from './output-text.ts';
import type { StagingDirectory } from './staging-directory.ts';

/** One run of a command on a snapshot. */
export interface Run {
  /** Its name, without a directory. */
  readonly program: string;
  readonly timeoutMs: number;
  readonly snapshot: Snapshot;
  readonly stage: StagingDirectory;
}

/** How many findings of one command are shown. */
const MAX_COMMAND_FINDINGS = 20;

/** The findings of a command; none if it accepts. With secrets in the snapshot, locations only (P8). */
export function findingsOf({ ending, output }: Ended, run: Run): readonly Finding[] {
  const outcome = `${run.program} ${formatEnding(ending, run.timeoutMs)}`;
  if (ending.type !== 'exited') return [findingOf(codeOf(ending), [outcome])];
  if (ending.code === 0) return [];
  const sealed = run.snapshot.files.some(({ secret }) => secret);
  const findings = reportsIn(linesOf(output, run.stage), run, sealed).map(
    ({ text, location, isWarning }) => {
      const message = sealed ? outcome : `${run.program} says: ${truncate(text, MAX_LINE_LENGTH)}`;
      return (isWarning ? warningOf : findingOf)('LG_VALIDATE_EXEC', [message], location);
    },
  );
  if (findings.length === 0) {
    const message = sealed ? outcome : `${outcome} and printed nothing`;
    return [findingOf('LG_VALIDATE_EXEC', [message])];
  }
  const different = distinct(findings);
  const leftOut = Math.max(0, different.length - MAX_COMMAND_FINDINGS);
  return listFindings({ findings: different.slice(0, MAX_COMMAND_FINDINGS), leftOut });
}

/** A crash rejects the files; a command that is killed or does not finish gives no answer. */
function codeOf(ending: Ending): ErrorCode {
  const isCrash = ending.type === 'killed' && ending.signal !== 'SIGKILL';
  return isCrash ? 'LG_VALIDATE_EXEC' : 'LG_VALIDATE_EXEC_FAULT';
}

/** A line of output to show. */
interface Report {
  readonly text: string;
  readonly location: Location | undefined;
  readonly isWarning: boolean;
}

/** Each line with a location; if none of them is an error, also the most informative line. */
function reportsIn(
  lines: readonly string[],
  { program, snapshot }: Run,
  sealed: boolean,
): readonly Report[] {
  const locations = locationsIn(lines, snapshot.files, sealed);
  const located = locations.flatMap((location, index): readonly Report[] => {
    const line = location?.line === undefined ? undefined : messageLine(lines, index);
    if (line === undefined) return [];
    return [{ text: withoutPrefix(line, program, location), location, isWarning: isWarning(line) }];
  });
  if (located.some((report) => !report.isWarning)) return located;
  const line = mostInformative(lines);
  if (line === undefined) return located;
  const location = locations[lines.indexOf(line)];
  return [{ text: withoutPrefix(line, program, location), location, isWarning: false }, ...located];
}

/** Only a location: `  File "check.py", line 3, in load`, `file:///check.mjs:3`. */
const FRAME = /^\s*(?:File "[^"]+", line \d+(?:, in .+)?|(?:file:\/\/)?\S+:\d+)$/;
const ERROR_NAME = /^[\w.]*(?:Error|Exception)\b/;

/**
 * The line with the message for a location: the line itself, or for a frame of a traceback the error at
 * its end. Undefined if another frame comes before the error.
 */
function messageLine(lines: readonly string[], index: number): string | undefined {
  const line = lines[index] ?? '';
  if (!FRAME.test(line)) return line;
  const after = lines.slice(index + 1);
  const end = after.findIndex((each) => ERROR_NAME.test(each));
  if (end === -1) return line;
  return after.slice(0, end).some((each) => FRAME.test(each)) ? undefined : after[end];
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

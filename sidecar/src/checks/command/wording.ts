import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { formatEnding, MAX_LINE_LENGTH } from '../../io/process/command-output.ts';
import type { Ended, Ending } from '../../io/process/run-command.ts';
import { listFindings } from '../check-result.ts';
import { truncate } from '../format-value.ts';
import { locationsIn } from './output-locations.ts';
import { gist, isWarning, linesOf, withoutLead } from './output-text.ts';
import type { StagingDirectory } from './staging-directory.ts';

/** Which command it was, and on what. */
export interface Run {
  /** Its name, without a directory. */
  readonly program: string;
  readonly timeoutMs: number;
  readonly snapshot: Snapshot;
  readonly stage: StagingDirectory;
}

/** A compiler of a thousand files may find as many things wrong. */
const MAX_SAID = 20;

/** What a command found; nothing when it says yes. Of a snapshot with secrets, only where (P8). */
export function findingsOf({ ending, output }: Ended, run: Run): readonly Finding[] {
  const outcome = `${run.program} ${formatEnding(ending, run.timeoutMs)}`;
  if (ending.type !== 'exited') return [findingOf(codeOf(ending), [outcome])];
  if (ending.code === 0) return [];
  const sealed = run.snapshot.files.some(({ secret }) => secret);
  const complaints = complaintsOf(linesOf(output, run.stage), run, sealed);
  const findings = complaints.map(({ said, place, warns }) => {
    const message = sealed ? outcome : `${run.program} says: ${truncate(said, MAX_LINE_LENGTH)}`;
    return (warns ? warningOf : findingOf)('LG_VALIDATE_EXEC', [message], place);
  });
  if (complaints.length === 0) {
    const message = sealed ? outcome : `${outcome} and said nothing`;
    return [findingOf('LG_VALIDATE_EXEC', [message])];
  }
  const different = distinct(findings);
  const leftOut = Math.max(0, different.length - MAX_SAID);
  return listFindings({ findings: different.slice(0, MAX_SAID), leftOut });
}

/** A crash is a way of saying no; to be killed, or not to have run to the end, is no answer. */
function codeOf(ending: Ending): ErrorCode {
  const isCrash = ending.type === 'killed' && ending.signal !== 'SIGKILL';
  return isCrash ? 'LG_VALIDATE_EXEC' : 'LG_VALIDATE_EXEC_FAULT';
}

interface Complaint {
  readonly said: string;
  readonly place: Location | undefined;
  readonly warns: boolean;
}

/** Each line that names a place; if none does for an error, then also what tells most. */
function complaintsOf(
  lines: readonly string[],
  { program, snapshot }: Run,
  sealed: boolean,
): readonly Complaint[] {
  const places = locationsIn(lines, snapshot.files, sealed);
  const located = places.flatMap((place, index): readonly Complaint[] => {
    const told = place?.line === undefined ? undefined : lineThatTells(lines, index);
    if (told === undefined) return [];
    return [{ said: withoutLead(told, program, place), place, warns: isWarning(told) }];
  });
  if (located.some(({ warns }) => !warns)) return located;
  const line = gist(lines);
  if (line === undefined) return located;
  const place = places[lines.indexOf(line)];
  return [{ said: withoutLead(line, program, place), place, warns: false }, ...located];
}

/** Nothing but a place: `  File "check.py", line 3, in load`, `file:///check.mjs:3`. */
const FRAME = /^\s*(?:File "[^"]+", line \d+(?:, in .+)?|(?:file:\/\/)?\S+:\d+)$/;
const ERROR_NAME = /^[\w.]*(?:Error|Exception)\b/;

/**
 * The line itself; of a traceback, whose lines are only places, the one at its end that names the
 * error. Undefined for a place that only leads to another one.
 */
function lineThatTells(lines: readonly string[], index: number): string | undefined {
  const line = lines[index] ?? '';
  if (!FRAME.test(line)) return line;
  const after = lines.slice(index + 1);
  const told = after.findIndex((each) => ERROR_NAME.test(each));
  if (told === -1) return line;
  return after.slice(0, told).some((each) => FRAME.test(each)) ? undefined : after[told];
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { ErrorCode } from '@lastgood/core/model/error-codes.ts';
import { type Finding, formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import type { Snapshot } from '@lastgood/core/model/snapshot.ts';
import { formatEnding, formatLine, plainLines } from '../../io/process/command-output.ts';
import type { Ended, Ending } from '../../io/process/run-command.ts';
import { listFindings } from '../check-result.ts';
import { HERE, locationsIn } from './output-locations.ts';
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
  const lines = linesOf(output, run.stage);
  const locations = locationsIn(lines, run.snapshot.files, sealed);
  const findings = reportsIn(lines, locations).map(({ line, location, isWarning }) => {
    const text = formatLine(withoutPrefix(line, run.program, location));
    const message = sealed ? outcome : `${run.program} says: ${text}`;
    return (isWarning ? warningOf : findingOf)('LG_VALIDATE_EXEC', [message], location);
  });
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
  readonly line: string;
  readonly location: Location | undefined;
  readonly isWarning: boolean;
}

/** Each line with a location; if none of them is an error, also the most informative line. */
function reportsIn(
  lines: readonly string[],
  locations: readonly (Location | undefined)[],
): readonly Report[] {
  const located = locations.flatMap((location, index): readonly Report[] => {
    const line = location?.line === undefined ? undefined : messageLine(lines, index);
    return line === undefined ? [] : [{ line, location, isWarning: isWarning(line) }];
  });
  if (located.some((report) => !report.isWarning)) return located;
  const line = mostInformative(lines);
  if (line === undefined) return located;
  return [{ line, location: locations[lines.indexOf(line)], isWarning: false }, ...located];
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

/** The lines of an output as plain text, with `HERE` in place of the directory of the copy. */
function linesOf(output: string, { root, dir }: StagingDirectory): readonly string[] {
  return plainLines(output)
    .map((line) => line.replaceAll(`${dir}/`, HERE).replaceAll(dir, '.').replaceAll(`${root}/`, ''))
    .filter((line) => line.trim() !== '');
}

/** A line as people read it. */
function readable(line: string): string {
  return line.replaceAll(HERE, '').trim().replace(/^\.\//, '');
}

/** A line without its prefixes: program, time, level, process id, and its own location. */
function withoutPrefix(line: string, program: string, location: Location | undefined): string {
  let rest = readable(line);
  if (rest.startsWith(`${program}: `)) rest = rest.slice(program.length + 2);
  for (const prefix of PREFIXES) rest = rest.replace(prefix, '');
  const own = spellingsOf(location).find((spelling) => rest.startsWith(spelling));
  rest = rest.slice(own?.length ?? 0).trim();
  return rest === '' ? readable(line) : rest;
}

function spellingsOf(location: Location | undefined): readonly string[] {
  if (location?.line === undefined) return [];
  const { file, line, column } = location;
  return [`${formatLocation(location)}:`, `${file}: ${line}:${column}:`, `line ${line}:`];
}

const PREFIXES = [
  /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S* +/,
  /^\[ *[a-z]+ *\] */i,
  // The process id in nginx and haproxy.
  /^\d+#\d+: |^\(\d+\) : /,
];

const WARNING = /(?:^|[[\s:])(?:warn(?:ing)?|notice|note|info)[\]:]/i;
const ALARM =
  /alert|cannot|could not|crit|denied|emerg|err(?:or)?\b|exception|expected|fail|fatal|invalid|missing|not (?:a|found|valid)|unable|unknown|unsupported/i;

/** Whether the line is only a warning or a note. */
function isWarning(line: string): boolean {
  return WARNING.test(line);
}

/** The line that best explains a rejection without locations; undefined if there is no output. */
function mostInformative(lines: readonly string[]): string | undefined {
  const errors = lines.filter((line) => !isWarning(line));
  // Without a typical word, it is most often the last line.
  return errors.find((line) => ALARM.test(line)) ?? errors.at(-1) ?? lines.at(-1);
}

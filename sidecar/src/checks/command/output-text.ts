import { formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import { plainLines } from '../../io/process/command-output.ts';
import type { StagingDirectory } from './staging-directory.ts';

/**
 * Stands for the directory of the copy in what a command said. No text has it: control characters
 * are taken out first.
 */
export const HERE = '\0';

/** The lines of an output as plain text, with `HERE` for the directory of the copy. */
export function linesOf(output: string, { root, dir }: StagingDirectory): readonly string[] {
  return plainLines(output)
    .map((line) => line.replaceAll(`${dir}/`, HERE).replaceAll(dir, '.').replaceAll(`${root}/`, ''))
    .filter((line) => line.trim() !== '');
}

/** A line as people read it. */
export function shown(line: string): string {
  return line.replaceAll(HERE, '').trim().replace(/^\.\//, '');
}

/** A line without what stands in front of it: program, time, level, process id, and its own place. */
export function withoutLead(line: string, program: string, place: Location | undefined): string {
  let rest = shown(line);
  if (rest.startsWith(`${program}: `)) rest = rest.slice(program.length + 2);
  for (const lead of LEADS) rest = rest.replace(lead, '');
  const own = waysToSay(place).find((way) => rest.startsWith(way));
  rest = rest.slice(own?.length ?? 0).trim();
  return rest === '' ? shown(line) : rest;
}

function waysToSay(place: Location | undefined): readonly string[] {
  if (place?.line === undefined) return [];
  const { file, line, column } = place;
  return [`${formatLocation(place)}:`, `${file}: ${line}:${column}:`, `line ${line}:`];
}

const LEADS = [
  /^\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d\S* +/,
  /^\[ *[a-z]+ *\] */i,
  // As nginx and as haproxy write it.
  /^\d+#\d+: |^\(\d+\) : /,
];

const WARNING = /(?:^|[[\s:])(?:warn(?:ing)?|notice|note|info)[\]:]/i;
const ALARM =
  /alert|cannot|could not|crit|denied|emerg|err(?:or)?\b|exception|expected|fail|fatal|invalid|missing|not (?:a|found|valid)|unable|unknown|unsupported/i;

/** The command only warns of it, or mentions it. */
export function isWarning(line: string): boolean {
  return WARNING.test(line);
}

/** What tells best why a command said no, where no line names a place: undefined if it said nothing. */
export function gist(lines: readonly string[]): string | undefined {
  const open = lines.filter((line) => !isWarning(line));
  // Without a word to go by, the last line is most often the one.
  return open.find((line) => ALARM.test(line)) ?? open.at(-1) ?? lines.at(-1);
}

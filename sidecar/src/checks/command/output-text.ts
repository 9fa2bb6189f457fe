import { formatLocation, type Location } from '@lastgood/core/model/finding.ts';
import { plainLines } from '../../io/process/command-output.ts';
import type { StagingDirectory } from './staging-directory.ts';

/** Marks the directory of the copy in the output. It cannot occur: control characters are removed first. */
export const HERE = '\0';

/** The lines of an output as plain text, with `HERE` in place of the directory of the copy. */
export function linesOf(output: string, { root, dir }: StagingDirectory): readonly string[] {
  return plainLines(output)
    .map((line) => line.replaceAll(`${dir}/`, HERE).replaceAll(dir, '.').replaceAll(`${root}/`, ''))
    .filter((line) => line.trim() !== '');
}

/** A line as people read it. */
function readable(line: string): string {
  return line.replaceAll(HERE, '').trim().replace(/^\.\//, '');
}

/** A line without its prefixes: program, time, level, process id, and its own location. */
export function withoutPrefix(
  line: string,
  program: string,
  location: Location | undefined,
): string {
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
export function isWarning(line: string): boolean {
  return WARNING.test(line);
}

/** The line that best explains a rejection without locations; undefined if there is no output. */
export function mostInformative(lines: readonly string[]): string | undefined {
  const errors = lines.filter((line) => !isWarning(line));
  // Without a typical word, it is most often the last line.
  return errors.find((line) => ALARM.test(line)) ?? errors.at(-1) ?? lines.at(-1);
}

import type { Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { HERE } from './output-text.ts';

/** A file by its name inside the copy, as commands write it among other text. */
const NAME = new RegExp(`(?<at>${HERE}|\\./)?(?<path>[^\\s${HERE}:"'\`()[\\]{},;<>|=]+)`, 'g');

/** Right after the name: `:12:3`, `: 12:3`, `(12,3)`. */
const BEHIND =
  /^(?::(?<line>\d+)(?::(?<column>\d+))?|: (?<line>\d+):(?<column>\d+)|\((?<line>\d+)(?:[,:] ?(?<column>\d+))?\))/;

/** In words: `line 12, column 3`. */
const IN_WORDS = /\bline:? (?<line>\d+)(?:\W+col(?:umn)?:? (?<column>\d+))?/i;

/** A line that goes on about the file of a line before it: `  line 3: field foo not found`. */
const GOES_ON = /^\s*line:? \d+/i;

/** A step of a trace through a program; where it ended stands in another line. */
const TRACE_STEP = /^\s+at\s/;

/**
 * The place that each line names, if any. What is no line of the file is left out: then the number
 * meant something else, and of a secret it might be the value (P8).
 *
 * @param sealed - take only names with the directory in front: another might be a value as well
 */
export function locationsIn(
  lines: readonly string[],
  files: readonly SnapshotFile[],
  sealed: boolean,
): readonly (Location | undefined)[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  let before: SnapshotFile | undefined;
  return lines.map((line) => {
    if (TRACE_STEP.test(line)) return undefined;
    const names = namesIn(line, byPath, sealed);
    before = names.at(-1)?.file ?? before;
    if (names.length === 0)
      return before !== undefined && GOES_ON.test(line)
        ? placeIn(before, IN_WORDS.exec(line)?.groups)
        : undefined;
    const exact = names.find(({ behind }) => BEHIND.test(behind)) ?? names.at(0);
    const found = BEHIND.exec(exact?.behind ?? '') ?? IN_WORDS.exec(line);
    return exact === undefined ? undefined : placeIn(exact.file, found?.groups);
  });
}

interface Name {
  readonly file: SnapshotFile;
  /** The rest of the line. */
  readonly behind: string;
}

function namesIn(
  line: string,
  files: ReadonlyMap<string, SnapshotFile>,
  sealed: boolean,
): readonly Name[] {
  return [...line.matchAll(NAME)].flatMap(({ 0: whole, index, groups = {} }) => {
    const { at, path = '' } = groups;
    const known = files.get(path) ?? files.get(path.replace(/\.$/, ''));
    // A key like `port` is a word as well; with a dot or a directory it is none.
    const isName = at === HERE || (!sealed && (at !== undefined || /[./]/.test(path)));
    if (known === undefined || !isName) return [];
    return [{ file: known, behind: line.slice(index + whole.length) }];
  });
}

function placeIn(
  { path, bytes }: SnapshotFile,
  groups: Readonly<Record<string, string>> | undefined,
): Location {
  const line = Number(groups?.line);
  const length = lengthOfLine(bytes, line);
  if (length === undefined) return { file: path };
  const column = Number(groups?.column);
  // Commands count columns in characters or in bytes; there are never more than bytes.
  return column >= 1 && column <= length + 1 ? { file: path, line, column } : { file: path, line };
}

/** In bytes; undefined when there is no such line. */
function lengthOfLine(bytes: Buffer, line: number): number | undefined {
  if (!(line >= 1)) return undefined;
  let start = 0;
  for (let at = 1; at < line; at++) {
    start = bytes.indexOf('\n', start) + 1;
    if (start === 0) return undefined;
  }
  const end = bytes.indexOf('\n', start);
  return (end === -1 ? bytes.length : end) - start;
}

import type { Location } from '@lastgood/core/model/finding.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';

/** Marks the directory of the copy in the output. It cannot occur: control characters are removed first. */
export const HERE = '\0';

/** The name of a file in the copy, among other text. */
const NAME = new RegExp(`(?<at>${HERE}|\\./)?(?<path>[^\\s${HERE}:"'\`()[\\]{},;<>|=]+)`, 'g');

/**
 * The position right after a name: `:12:3`, `: 12:3`, `(12,3)`. Not a literal: Node.js 22 does not know a name
 * that occurs twice, and could not read the built file far enough to say that it is too old.
 */
const BEHIND = new RegExp(
  [
    String.raw`^:(?<line>\d+)(?::(?<column>\d+))?`,
    String.raw`^: (?<line>\d+):(?<column>\d+)`,
    String.raw`^\((?<line>\d+)(?:[,:] ?(?<column>\d+))?\)`,
  ].join('|'),
);

/** A position in words: `line 12, column 3`. */
const IN_WORDS = /\bline:? (?<line>\d+)(?:\W+col(?:umn)?:? (?<column>\d+))?/i;

/** A line about the file of a line before it: `  line 3: field foo not found`. */
const CONTINUATION = /^\s*line:? \d+/i;

/** A frame of a stack trace; the line with the error is another one. */
const TRACE_STEP = /^\s+at\s/;

/**
 * The location in each line, if any. A line number outside of the file is left out: it means something
 * else, and could be the value of a secret (P8).
 *
 * @param sealed - accept only names after the directory: others could be a value
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
      return before !== undefined && CONTINUATION.test(line)
        ? locationIn(before, IN_WORDS.exec(line)?.groups)
        : undefined;
    const exact = names.find(({ behind }) => BEHIND.test(behind)) ?? names.at(0);
    const found = BEHIND.exec(exact?.behind ?? '') ?? IN_WORDS.exec(line);
    return exact === undefined ? undefined : locationIn(exact.file, found?.groups);
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
    // A name like `port` may be an ordinary word, unless it has a dot or a directory.
    const isName = at === HERE || (!sealed && (at !== undefined || /[./]/.test(path)));
    if (known === undefined || !isName) return [];
    return [{ file: known, behind: line.slice(index + whole.length) }];
  });
}

function locationIn(
  { path, bytes }: SnapshotFile,
  groups: Readonly<Record<string, string>> | undefined,
): Location {
  const line = Number(groups?.line);
  const length = lengthOfLine(bytes, line);
  if (length === undefined) return { file: path };
  const column = Number(groups?.column);
  // Commands count columns in characters or in bytes; there are at least as many bytes.
  return column >= 1 && column <= length + 1 ? { file: path, line, column } : { file: path, line };
}

/** In bytes; undefined if there is no such line. */
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

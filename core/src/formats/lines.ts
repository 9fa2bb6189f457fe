import type { Position } from './format.ts';

/** Line ends as in YAML, JSON and editors, including the lone CR of old tools. */
const LINE_END = /\r\n|\n|\r/g;
const REST_OF_LINE = /[^\r\n]*(?:\r\n|\n|\r)?/y;

/** Returns a function for the positions of offsets in a text. It counts the lines at its first call. */
export function createLines(text: string): (offset: number) => Position {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= [0, ...text.matchAll(LINE_END).map((end) => end.index + end[0].length)];
    const line = lastAtOrBefore(starts, Math.min(offset, text.length));
    return { line: line + 1, column: Math.min(offset, text.length) - (starts[line] ?? 0) + 1 };
  };
}

/** One line of a text, without its line end. */
export interface Line {
  readonly content: string;
  readonly offset: number;
}

/** The lines of a text, in order. */
export function* linesOf(text: string): Generator<Line> {
  let offset = 0;
  for (const end of text.matchAll(LINE_END)) {
    yield { content: text.slice(offset, end.index), offset };
    offset = end.index + end[0].length;
  }
  yield { content: text.slice(offset), offset };
}

/** Matches a sticky expression at an offset. */
export function matchAt(pattern: RegExp, text: string, offset: number): RegExpExecArray | null {
  pattern.lastIndex = offset;
  return pattern.exec(text);
}

/** The offset where the next line begins; the text's length in its last line. */
export function nextLine(text: string, offset: number): number {
  return offset + (matchAt(REST_OF_LINE, text, offset)?.[0].length ?? 0);
}

/** Binary search: the index of the last of the sorted numbers that is not above `wanted`. */
export function lastAtOrBefore(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

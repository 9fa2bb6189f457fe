import type { Issue } from '../model/issue.ts';
import { matchAt } from './lines.ts';

// For expressions: Python and Go each take other characters for blanks than JavaScript does.
export const WIDE_BLANKS = String.raw`\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;
export const PYTHON_BLANK = String.raw`[\t\v\f\x1c- ${WIDE_BLANKS}]`;

/** The offset where a text is no longer a sequence of matches of a sticky expression; its length if it is one. */
export function stopOf(pattern: RegExp, text: string): number {
  let offset = 0;
  while (offset < text.length) {
    const length = matchAt(pattern, text, offset)?.[0].length ?? 0;
    if (length === 0) return offset;
    offset += length;
  }
  return offset;
}

/** By the message of a warning: the readers that accept what it is about. One that is not here says nothing. */
export type ReadersOf = Readonly<Record<string, readonly string[] | undefined>>;

/** The offset of the warning after which no reader is left that accepts all of them; undefined if one is. */
export function refusedByAll(warnings: readonly Issue[], readersOf: ReadersOf): number | undefined {
  let left: readonly string[] | undefined;
  for (const { args, at } of warnings) {
    const readers = readersOf[String(args[0])];
    if (readers === undefined) continue;
    left = left?.filter((reader) => readers.includes(reader)) ?? readers;
    if (left.length === 0) return at;
  }
  return undefined;
}

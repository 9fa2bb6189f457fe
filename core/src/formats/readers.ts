import { matchAt } from './lines.ts';

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

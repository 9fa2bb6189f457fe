import { lastAtOrBefore, linesOf } from './lines.ts';
import type { FlowNodes } from './yaml-flow.ts';

/** A text in which blanks were inserted. */
export interface Padded {
  readonly text: string;
  /** The offset in the text before. */
  readonly originalOffset: (at: number) => number;
}

/** A multiple of the text, in memory: beyond it, the indentation is no mistake of a person. */
const MAX_PADDING = 2;

/**
 * Gives js-yaml a text as it wants it: lines of flow nodes are indented more than the block around them,
 * those of plain text as its first one, a comment has a space before its `#`, and tokens are separated by spaces. This changes no value, since
 * blanks between tokens and around line breaks do not count. Undefined if there is nothing to change.
 *
 * @param isChanged - the text is not as it was written
 */
export function padFlowNodes(
  text: string,
  { nodes, touchingComments, tabs, lowLines }: FlowNodes,
  isChanged: boolean,
): Padded | undefined {
  const insertions = new Map(touchingComments.map((at) => [at, 1]));
  let total = insertions.size;
  for (const { at, missing } of lowLines) {
    insertions.set(at, missing);
    total += missing;
  }
  for (const { start, end, minIndent } of nodes) {
    for (const { content, offset } of linesOf(text.slice(start, end))) {
      const indent = content.search(/[^ ]|$/);
      if (offset === 0 || indent >= minIndent || /^[ \t]*$/.test(content)) continue;
      insertions.set(start + offset, minIndent - indent);
      total += minIndent - indent;
    }
  }
  const isUnchanged = !isChanged && insertions.size === 0 && tabs.length === 0;
  if (isUnchanged || total > MAX_PADDING * text.length) return undefined;
  const sorted = [...insertions].sort(([a], [b]) => a - b);
  const spaced = insertBlanks(withoutTabs(text, tabs), sorted);
  return { text: spaced, originalOffset: createOriginalOffset(sorted) };
}

function withoutTabs(text: string, tabs: readonly number[]): string {
  let from = 0;
  const parts = tabs.map((at) => {
    const part = text.slice(from, at);
    from = at + 1;
    return part;
  });
  return [...parts, text.slice(from)].join(' ');
}

type Insertions = readonly (readonly [at: number, count: number])[];

function insertBlanks(text: string, insertions: Insertions): string {
  const parts: string[] = [];
  let from = 0;
  for (const [at, count] of insertions) {
    parts.push(text.slice(from, at), ' '.repeat(count));
    from = at;
  }
  return [...parts, text.slice(from)].join('');
}

function createOriginalOffset(insertions: Insertions): Padded['originalOffset'] {
  let before = 0;
  const starts = [-Infinity];
  const originals = [0];
  const counts = [0];
  for (const [at, count] of insertions) {
    starts.push(at + before);
    before += count;
    originals.push(at);
    counts.push(before);
  }
  return (at) => {
    const last = lastAtOrBefore(starts, at);
    return Math.max(originals[last] ?? 0, at - (counts[last] ?? 0));
  };
}

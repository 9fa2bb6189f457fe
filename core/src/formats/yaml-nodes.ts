import { EVENT_ID, type Event, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/** An event of a list or mapping. */
export type Collection = Extract<Event, { start: number }>;

/** An event of a value. */
export type Node = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>;

/** A collection that is still open. */
export interface Open {
  readonly mapping: boolean;
  readonly block: boolean;
  /** Always false unless it is a mapping. */
  awaitsKey: boolean;
  /** The newest key, undefined before the first one. */
  key: Node | undefined;
}

/** Its first character; -1 if it is not written. */
export function startOf(node: Node): number {
  if (isCollection(node)) return node.start;
  if (node.type === EVENT_ID.ALIAS) return node.anchorStart - 1;
  const { tagStart, anchorStart } = node;
  const value = offsetOfScalar(node) ?? -1;
  // Most have neither.
  if (tagStart === -1 && anchorStart === -1) return value;
  const starts = [value, tagStart, anchorStart === -1 ? -1 : anchorStart - 1];
  return Math.min(...starts.filter((start) => start !== -1));
}

/** Whether only blanks are before an offset in its line. */
export function beginsLine(text: string, offset: number): boolean {
  const before = text[startOfBlanks(text, offset) - 1];
  return before === undefined || before === '\n' || before === '\r';
}

/** Where the spaces and tabs before an offset begin. */
export function startOfBlanks(text: string, offset: number): number {
  let from = offset;
  while (text[from - 1] === ' ' || text[from - 1] === '\t') from--;
  return from;
}

/** Whether it is a list or mapping. */
export function isCollection(node: Node): node is Collection {
  return node.type === EVENT_ID.SEQUENCE || node.type === EVENT_ID.MAPPING;
}

/** Behind what is written of a node: of a collection, behind its bracket. -1 if nothing is written. */
export function endOf(node: Node, text: string): number {
  if (isCollection(node)) {
    const first = text[node.start];
    return first === '[' || first === '{' ? node.start + 1 : node.start;
  }
  if (node.type === EVENT_ID.ALIAS) return node.anchorEnd;
  const { style } = node;
  const quoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  const end = node.valueStart === -1 ? -1 : node.valueEnd + (quoted ? 1 : 0);
  return Math.max(end, node.tagEnd, node.anchorEnd);
}

/** Where a scalar begins, including its quote; undefined if it is not written. */
export function offsetOfScalar({ valueStart, style }: ScalarEvent): number | undefined {
  if (valueStart === -1) return undefined;
  const quoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? valueStart - 1 : valueStart;
}

import { isDeepStrictEqual } from 'node:util';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { dump } from 'js-yaml';
import type { Edit } from './apply-edits.ts';
import type { Change } from './changes.ts';
import { type FlowStyle, writeFlow, writeFlowKey } from './flow-text.ts';
import { nodeAt, type TextNode } from './text-nodes.ts';

/**
 * The edits of a text that make one of the changes. Undefined if its place is that of an alias or of a merge
 * key, which other parts of the document share.
 */
export function editsOf(
  text: string,
  root: TextNode,
  change: Change,
  changes: readonly Change[],
): readonly Edit[] | undefined {
  const node = nodeAt(root, change.at);
  if (node === undefined || node.kind === 'alias') return undefined;
  switch (change.kind) {
    case 'replace':
      return node.start === undefined ? undefined : [replaceText(text, node, change.value)];
    case 'remove':
      return removeItem(text, root, change.at, removedFrom(changes, change.at.slice(0, -1)));
    case 'prepend':
      return [
        node.flow
          ? prependFlow(text, node, change.items, removedFrom(changes, change.at))
          : prependBlock(text, node, change.items),
      ];
    case 'set':
      return setEntries(text, node, change.entries);
  }
}

/** The indices of the items that changes remove from a list. */
function removedFrom(changes: readonly Change[], list: Pointer): ReadonlySet<number> {
  const isIn = ({ kind, at }: Change) =>
    kind === 'remove' && isDeepStrictEqual(at.slice(0, -1), list);
  return new Set(changes.filter(isIn).map(({ at }) => Number(at.at(-1))));
}

/** In the quotes that were there. A name, an image or a quantity needs none. */
function replaceText(text: string, { start = 0, end }: TextNode, value: string): Edit {
  const [quote = ''] = /^["']?/.exec(text.slice(start, end)) ?? [];
  return { start, end, text: `${quote}${value}${quote}` };
}

function setEntries(
  text: string,
  node: TextNode,
  entries: Readonly<Record<string, unknown>>,
): readonly Edit[] {
  const isNew = ([key]: readonly [string, unknown]) => !node.children.has(key);
  const all = Object.entries(entries);
  const added = Object.fromEntries(all.filter(isNew));
  const edits = all
    .filter((entry) => !isNew(entry))
    .map(([key, value]) => setValue(text, node.children.get(key) as TextNode, value));
  if (Object.keys(added).length === 0) return edits;
  return [...edits, node.flow ? setFlow(text, node, added) : prependBlock(text, node, added)];
}

/** The key is there already, and its value may be empty. */
function setValue(text: string, { start, end }: TextNode, value: unknown): Edit {
  const written = JSON.stringify(value);
  if (start !== undefined) return { start, end, text: written };
  const colon = text.indexOf(':', end) + 1;
  return { start: colon, end: colon, text: ` ${written}` };
}

/**
 * Adds lines to a block collection, before its first one. If the collection begins below its key, right
 * below the key: a comment above the first item stays above it.
 */
function prependBlock(text: string, { start = 0, key }: TextNode, value: object): Edit {
  const column = start - startOfLine(text, start);
  const indent = ' '.repeat(column);
  const lines = dump(value, { lineWidth: -1, noRefs: true }).trimEnd().split('\n');
  const below = key === undefined ? start : endOfLine(text, key.end);
  if (key === undefined || below > start) {
    const written = lines.map((line, index) => (index === 0 ? line : indent + line));
    return { start, end: start, text: `${written.join('\n')}\n${indent}` };
  }
  const written = lines.map((line) => `${indent}${line}\n`).join('');
  return { start: below, end: below, text: written };
}

function prependFlow(
  text: string,
  node: TextNode,
  items: readonly unknown[],
  removed: ReadonlySet<number>,
): Edit {
  const style = flowStyleOf(text, node);
  return addInFlow(
    text,
    node,
    items.map((item) => writeFlow(item, style)),
    style,
    node.children.size === removed.size,
  );
}

function setFlow(text: string, node: TextNode, entries: Readonly<Record<string, unknown>>): Edit {
  const style = flowStyleOf(text, node);
  const written = Object.entries(entries).map(
    ([key, value]) => `${writeFlowKey(key, style)}: ${writeFlow(value, style)}`,
  );
  return addInFlow(text, node, written, style);
}

function addInFlow(
  text: string,
  { start = 0, children }: TextNode,
  written: readonly string[],
  { indent, ownLines }: FlowLayout,
  isEmpty = children.size === 0,
): Edit {
  // Behind the blank of `{ a: 1 }`.
  const at = start + (!ownLines && text[start + 1] === ' ' ? 2 : 1);
  const before = ownLines ? `\n${indent}` : '';
  const between = ownLines ? `,\n${indent}` : ', ';
  const after = isEmpty ? '' : ownLines ? ',' : ', ';
  return { start: at, end: at, text: before + written.join(between) + after };
}

interface FlowLayout extends FlowStyle {
  /** Each item begins a line. */
  readonly ownLines: boolean;
}

function flowStyleOf(text: string, node: TextNode): FlowLayout {
  const { start = 0, end, children } = node;
  const [first] = children.values();
  const firstAt = first?.key?.start ?? first?.start ?? start;
  const outer = indentAt(text, start);
  const ownLines = startOfLine(text, firstAt) > start;
  const indent = ownLines ? indentAt(text, firstAt) : outer;
  const isOneLine = !text.slice(start, end).includes('\n');
  const unit = indent.slice(outer.length) || '  ';
  const kyaml = text[firstKeyIn(node) ?? start] !== '"';
  return { indent, unit: isOneLine ? undefined : unit, kyaml, ownLines };
}

function firstKeyIn({ children }: TextNode): number | undefined {
  const [first] = children.values();
  return first === undefined ? undefined : (first.key?.start ?? firstKeyIn(first));
}

/** Removes the lines of an item, and in brackets the item with the comma that it no longer needs. */
function removeItem(
  text: string,
  root: TextNode,
  at: Pointer,
  removed: ReadonlySet<number>,
): readonly Edit[] | undefined {
  const list = nodeAt(root, at.slice(0, -1));
  const index = Number(at.at(-1));
  const items = [...(list?.children.values() ?? [])];
  const item = items[index];
  if (list === undefined || item?.start === undefined) return undefined;
  if (!list.flow)
    return [
      { start: lineOfDash(text, list, item.start), end: endOfItem(text, item.end), text: '' },
    ];
  const isFirst = items.slice(0, index).every((_, each) => removed.has(each));
  return isFirst
    ? [{ start: item.start, end: items[index + 1]?.start ?? item.end, text: '' }]
    : [{ start: items[index - 1]?.end ?? item.start, end: item.end, text: '' }];
}

/** The line with the dash of an item, which an anchor may separate from it. */
function lineOfDash(text: string, list: TextNode, start: number): number {
  const column = (list.start ?? 0) - startOfLine(text, list.start ?? 0);
  let line = startOfLine(text, start);
  while (line > 0 && text[line + column] !== '-') line = startOfLine(text, line - 1);
  return line;
}

/** A block text ends with its line, anything else before the end of it. */
function endOfItem(text: string, end: number): number {
  return text[end - 1] === '\n' ? end : endOfLine(text, end);
}

function startOfLine(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Behind the line break. */
function endOfLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(startOfLine(text, offset)))?.[0] ?? '';
}

import { COLLECTION_STYLE, EVENT_ID, type Event } from 'js-yaml';
import type { SyntaxIssue } from './format.ts';
import { offsetOfScalar } from './yaml-positions.ts';

type Collection = Extract<Event, { start: number }>;
type Node = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>;

/** A collection or document that is still open. */
interface Open {
  readonly mapping: boolean;
  readonly block: boolean;
  /** Only a mapping ever waits for a key. */
  awaitsKey: boolean;
  /** The newest key, undefined before the first one. */
  key: Node | undefined;
}

export const COMPLEX_KEY = 'a key must not be a list or mapping';

/**
 * Refuses keys that no plain object can have, and what js-yaml lets pass although YAML 1.2 does not:
 * the parser of the app would most likely stop at it.
 */
export function strictComplaint(text: string, events: readonly Event[]): SyntaxIssue | undefined {
  const indented = /^[ \t]+(?=---(?:\s|$))/.exec(text);
  if (indented !== null) return complaint(INDENTED_MARKER, indented[0].length);
  const byteOrderMark = text.search(/^\uFEFF/m);
  if (byteOrderMark !== -1) return complaint(BYTE_ORDER_MARK, byteOrderMark);
  return complaintOfNodes(text, events);
}

function complaintOfNodes(text: string, events: readonly Event[]): SyntaxIssue | undefined {
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) open.pop();
    else if (event.type === EVENT_ID.DOCUMENT) open.push(opened(false, false));
    else {
      const wrong = touchingComplaint(text, event) ?? complaintIn(open.at(-1), event, text);
      if (wrong !== undefined) return wrong;
      if (isCollection(event))
        open.push(opened(event.type === EVENT_ID.MAPPING, event.style === COLLECTION_STYLE.BLOCK));
    }
  }
  return undefined;
}

function opened(mapping: boolean, block: boolean): Open {
  return { mapping, block, awaitsKey: mapping, key: undefined };
}

/** Also tells the collection around a node that the node is there. */
function complaintIn(parent: Open | undefined, node: Node, text: string): SyntaxIssue | undefined {
  if (!parent?.mapping) return undefined;
  const { awaitsKey, key, block } = parent;
  parent.awaitsKey = !awaitsKey;
  if (!awaitsKey)
    return isBesideKey(text, node, key) ? complaint(BESIDE_KEY, startOf(node)) : undefined;
  parent.key = node;
  if (isCollection(node)) return complaint(COMPLEX_KEY, node.start);
  if (block && key !== undefined && isBesideValue(text, node))
    return complaint(BESIDE_VALUE, startOf(node));
  return undefined;
}

const INDENTED_MARKER = '--- must stand at the start of its line';
const BYTE_ORDER_MARK = 'a byte order mark between lines; files were perhaps joined';
const BESIDE_KEY = 'a list or mapping must not begin on the line of its key';
const BESIDE_VALUE = 'text after the end of a value';
const TOUCHING = 'expected a space after an anchor or a tag';

/** In brackets, an anchor or a tag may end where its node ends. */
function touchingComplaint(text: string, node: Node): SyntaxIssue | undefined {
  if (isTouching(text, node.anchorEnd)) return complaint(TOUCHING, node.anchorEnd);
  if ('tagEnd' in node && isTouching(text, node.tagEnd)) return complaint(TOUCHING, node.tagEnd);
  return undefined;
}

function isTouching(text: string, end: number): boolean {
  return end !== -1 && !/[\s,\]}]/.test(text[end] ?? ' ');
}

/** After `? key`, the value's own `: ` may be followed by a list or mapping; after `key: ` it may not. */
function isBesideKey(text: string, node: Node, key: Node | undefined): boolean {
  if (!isCollection(node) || node.style !== COLLECTION_STYLE.BLOCK) return false;
  const colon = skippedBack(text, node.start) - 1;
  if (text[colon] !== ':') return false;
  return !beginsLine(text, colon) || key === undefined || startOf(key) === -1;
}

/** After a list that is indented no more than the key above it, js-yaml goes on inside the line. */
function isBesideValue(text: string, key: Node): boolean {
  const start = startOf(key);
  if (start === -1 || beginsLine(text, start)) return false;
  const mark = skippedBack(text, start) - 1;
  return text[mark] !== '?' || !beginsLine(text, mark);
}

/** Its first character; -1 for what was left out. */
function startOf(node: Node): number {
  if (isCollection(node)) return node.start;
  if (node.type === EVENT_ID.ALIAS) return node.anchorStart - 1;
  let start = offsetOfScalar(node) ?? Infinity;
  if (node.tagStart !== -1) start = Math.min(start, node.tagStart);
  if (node.anchorStart !== -1) start = Math.min(start, node.anchorStart - 1);
  return start === Infinity ? -1 : start;
}

function beginsLine(text: string, offset: number): boolean {
  return /[\r\n]/.test(text[skippedBack(text, offset) - 1] ?? '\n');
}

/** Where the spaces and tabs begin that end at an offset. */
function skippedBack(text: string, offset: number): number {
  let from = offset;
  while (text[from - 1] === ' ' || text[from - 1] === '\t') from--;
  return from;
}

function isCollection(node: Node): node is Collection {
  return node.type === EVENT_ID.SEQUENCE || node.type === EVENT_ID.MAPPING;
}

function complaint(message: string, offset: number): SyntaxIssue {
  return { code: 'LG_VALIDATE_SYNTAX', args: [message], offset };
}

import { COLLECTION_STYLE, EVENT_ID, type Event } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { syntaxIssue } from './syntax-issues.ts';
import { offsetOfScalar } from './yaml-positions.ts';

type Collection = Extract<Event, { start: number }>;
type Node = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>;

/** A collection or document that is still open. */
interface Open {
  readonly mapping: boolean;
  readonly block: boolean;
  /** Always false unless it is a mapping. */
  awaitsKey: boolean;
  /** The newest key, undefined before the first one. */
  key: Node | undefined;
}

export const COMPLEX_KEY = 'a key must not be a list or mapping';

/**
 * Refuses keys that no plain object can have, and text that js-yaml accepts although YAML 1.2 does not:
 * the app's parser would most likely fail on it.
 */
export function strictIssue(text: string, events: readonly Event[]): Issue | undefined {
  const indented = /^[ \t]+(?=---(?:\s|$))/.exec(text);
  if (indented !== null) return syntaxIssue(INDENTED_MARKER, indented[0].length);
  const byteOrderMark = text.search(/^\uFEFF/m);
  if (byteOrderMark !== -1) return syntaxIssue(BYTE_ORDER_MARK, byteOrderMark);
  return issueInNodes(text, events);
}

function issueInNodes(text: string, events: readonly Event[]): Issue | undefined {
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) open.pop();
    else if (event.type === EVENT_ID.DOCUMENT) open.push(opened(false, false));
    else {
      const wrong = touchingIssue(text, event) ?? issueIn(open.at(-1), event, text);
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

/** Also counts the node in the collection around it. */
function issueIn(parent: Open | undefined, node: Node, text: string): Issue | undefined {
  if (!parent?.mapping) return undefined;
  const { awaitsKey, key, block } = parent;
  parent.awaitsKey = !awaitsKey;
  if (!awaitsKey)
    return isBesideKey(text, node, key) ? syntaxIssue(BESIDE_KEY, startOf(node)) : undefined;
  parent.key = node;
  if (isCollection(node)) return syntaxIssue(COMPLEX_KEY, node.start);
  if (block && key !== undefined && isBesideValue(text, node))
    return syntaxIssue(BESIDE_VALUE, startOf(node));
  return undefined;
}

const INDENTED_MARKER = '--- must be at the start of its line';
const BYTE_ORDER_MARK = 'has a byte order mark between lines; perhaps files were joined';
const BESIDE_KEY = 'a list or mapping must not begin on the line of its key';
const BESIDE_VALUE = 'text after the end of a value';
const TOUCHING = 'expected a space after an anchor or a tag';

/** In brackets, an anchor or a tag may end directly at the end of its node. */
function touchingIssue(text: string, node: Node): Issue | undefined {
  if (isTouching(text, node.anchorEnd)) return syntaxIssue(TOUCHING, node.anchorEnd);
  if ('tagEnd' in node && isTouching(text, node.tagEnd)) return syntaxIssue(TOUCHING, node.tagEnd);
  return undefined;
}

function isTouching(text: string, end: number): boolean {
  return end !== -1 && !/[\s,\]}]/.test(text[end] ?? ' ');
}

/** A list or mapping may follow the `: ` below a `? key`, but not a `key: ` on one line. */
function isBesideKey(text: string, node: Node, key: Node | undefined): boolean {
  if (!isCollection(node) || node.style !== COLLECTION_STYLE.BLOCK) return false;
  const colon = startOfBlanks(text, node.start) - 1;
  if (text[colon] !== ':') return false;
  return !beginsLine(text, colon) || key === undefined || startOf(key) === -1;
}

/** After a list that is not indented more than its key, js-yaml accepts a key in mid-line. */
function isBesideValue(text: string, key: Node): boolean {
  const start = startOf(key);
  if (start === -1 || beginsLine(text, start)) return false;
  const mark = startOfBlanks(text, start) - 1;
  return text[mark] !== '?' || !beginsLine(text, mark);
}

/** Its first character; -1 if it is not written. */
function startOf(node: Node): number {
  if (isCollection(node)) return node.start;
  if (node.type === EVENT_ID.ALIAS) return node.anchorStart - 1;
  let start = offsetOfScalar(node) ?? Infinity;
  if (node.tagStart !== -1) start = Math.min(start, node.tagStart);
  if (node.anchorStart !== -1) start = Math.min(start, node.anchorStart - 1);
  return start === Infinity ? -1 : start;
}

function beginsLine(text: string, offset: number): boolean {
  return /[\r\n]/.test(text[startOfBlanks(text, offset) - 1] ?? '\n');
}

/** Where the spaces and tabs before an offset begin. */
function startOfBlanks(text: string, offset: number): number {
  let from = offset;
  while (text[from - 1] === ' ' || text[from - 1] === '\t') from--;
  return from;
}

function isCollection(node: Node): node is Collection {
  return node.type === EVENT_ID.SEQUENCE || node.type === EVENT_ID.MAPPING;
}

import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { printable } from '../model/quote.ts';
import { MISTAKABLE } from './invisible-characters.ts';
import { dialectIssue, syntaxIssue } from './syntax-issues.ts';
import { characterIssue } from './yaml-characters.ts';
import {
  BYTE_ORDER_MARK,
  FLUSH_TEXT,
  QUESTION_MARK,
  SLASH,
  TOUCHING,
  UNFIT_TAG,
  WRONG_TAG,
} from './yaml-dialects.ts';
import { COMPLEX_KEY } from './yaml-issues.ts';
import { KeyCheck } from './yaml-keys.ts';
import { findIndentedMarker, layoutIssues } from './yaml-layout.ts';
import {
  beginsLine,
  type Collection,
  isCollection,
  type Node,
  type Open,
  startOf,
  startOfBlanks,
} from './yaml-nodes.ts';
import { fitsTag, isKnownTag } from './yaml-schema.ts';

/** More warnings of a file help no reader. */
const MAX_WARNINGS = 20;

/** Collects warnings, up to a bound, and one for each tag. */
class Warnings {
  readonly issues: Issue[] = [];
  readonly #tags = new Set<string>();

  add(issue: Issue | undefined): void {
    if (issue === undefined || this.issues.length >= MAX_WARNINGS) return;
    // Of one place, the first says more.
    if (!this.issues.some(({ at }) => at === issue.at)) this.issues.push(issue);
  }

  /** A tag that only the app knows. */
  addTag(tag: string, at: number): void {
    if (isKnownTag(tag) || this.#tags.has(tag)) return;
    this.#tags.add(tag);
    this.add({ code: 'LG_VALIDATE_TAG', args: [], quote: printable(tag), at });
  }
}

/**
 * Refuses keys that no plain object can have, and text that js-yaml accepts although every other reader
 * refuses it. Warns of what some other readers refuse or read differently.
 */
export function strictIssues(
  text: string,
  events: readonly Event[],
): { readonly error: Issue | undefined; readonly warnings: readonly Issue[] } {
  const marker = findIndentedMarker(text, events);
  if (marker !== undefined) return { error: syntaxIssue(INDENTED_MARKER, marker), warnings: [] };
  const warnings = new Warnings();
  // A cheap test first: most texts are ASCII.
  const isSuspect = Buffer.byteLength(text) !== text.length && MISTAKABLE.test(text);
  const byteOrderMark = isSuspect ? text.search(/^\uFEFF/m) : -1;
  if (byteOrderMark !== -1) warnings.add(dialectIssue(BYTE_ORDER_MARK, byteOrderMark));
  for (const issue of layoutIssues(text, events)) warnings.add(issue);
  return { error: issueInNodes(text, events, isSuspect, warnings), warnings: warnings.issues };
}

function issueInNodes(
  text: string,
  events: readonly Event[],
  isSuspect: boolean,
  warnings: Warnings,
): Issue | undefined {
  const open: Open[] = [];
  const keys = new KeyCheck(text);
  // Cheap tests first: most texts have neither.
  const mayBeRefused = text.includes('\\/') || text.includes('?');
  for (const event of events) {
    if (event.type === EVENT_ID.POP) open.pop();
    if (event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) continue;
    const parent = open.at(-1);
    warnProperties(text, event, warnings);
    warnings.add(flushIssue(text, event, parent));
    if (mayBeRefused) warnings.add(issueInText(text, event, parent));
    if (isSuspect) warnings.add(suspectIssue(text, event, parent));
    const ofKey = keys.issueIn(parent, event);
    if (ofKey?.code === 'LG_VALIDATE_DIALECT') warnings.add(ofKey);
    else if (ofKey !== undefined) return ofKey;
    const wrong = issueIn(parent, event, text);
    if (wrong !== undefined) return wrong;
    if (isCollection(event)) open.push(opened(event));
  }
  return undefined;
}

function opened({ type, style }: Collection): Open {
  const mapping = type === EVENT_ID.MAPPING;
  return { mapping, block: style === COLLECTION_STYLE.BLOCK, awaitsKey: mapping, key: undefined };
}

function suspectIssue(text: string, node: Node, parent: Open | undefined): Issue | undefined {
  if (node.type !== EVENT_ID.SCALAR) return undefined;
  return characterIssue(text, node, parent?.awaitsKey ?? false);
}

/** A block text that is a whole document may begin its lines without blanks, as YAML 1.2 says. */
function flushIssue(text: string, node: Node, parent: Open | undefined): Issue | undefined {
  if (parent !== undefined || node.type !== EVENT_ID.SCALAR) return undefined;
  if (!isBlockText(node)) return undefined;
  const at = text.slice(node.valueStart, node.valueEnd).search(/^\S/m);
  return at === -1 ? undefined : dialectIssue(FLUSH_TEXT, node.valueStart + at);
}

function isBlockText({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
}

/** What Go refuses in a text. */
function issueInText(text: string, node: Node, parent: Open | undefined): Issue | undefined {
  if (node.type !== EVENT_ID.SCALAR || node.valueStart === -1) return undefined;
  const { valueStart, style } = node;
  const written = text.slice(valueStart, node.valueEnd);
  if (style === SCALAR_STYLE.DOUBLE_QUOTED && written.includes('\\/')) {
    // JSON has this escape, and so has YAML since 1.2.
    const found = written.matchAll(/\\./gs).find(([pair]) => pair === '\\/');
    return found && dialectIssue(SLASH, valueStart + found.index);
  }
  if (style !== SCALAR_STYLE.PLAIN || parent?.block !== false) return undefined;
  const at = written.indexOf('?', 1);
  return at === -1 ? undefined : dialectIssue(QUESTION_MARK, valueStart + at);
}

/** Of the anchor and the tag of a node; most nodes have neither. */
function warnProperties(text: string, node: Node, warnings: Warnings): void {
  const tagStart = node.type === EVENT_ID.ALIAS ? -1 : node.tagStart;
  if (node.anchorStart === -1 && tagStart === -1) return;
  warnings.add(touchingIssue(text, node));
  if (node.type === EVENT_ID.ALIAS || tagStart === -1) return;
  const tag = text.slice(tagStart, node.tagEnd);
  warnings.addTag(tag, tagStart);
  const value = isCollection(node)
    ? { isMapping: node.type === EVENT_ID.MAPPING }
    : textOfScalar(text, node);
  if (fitsTag(tag, value)) return;
  const isOfScalars = typeof value === 'string' && !/\b(?:map|seq|merge)\b/.test(tag);
  warnings.add(dialectIssue(isOfScalars ? WRONG_TAG : UNFIT_TAG, tagStart));
}

function textOfScalar(text: string, scalar: ScalarEvent): string {
  return scalar.valueStart === -1 ? '' : getScalarValue(text, scalar);
}

/** Also counts the node in the collection around it. */
function issueIn(parent: Open | undefined, node: Node, text: string): Issue | undefined {
  const isTagged = node.type !== EVENT_ID.ALIAS && node.tagStart !== -1;
  if (isTagged && text.slice(node.tagStart, node.tagEnd) === '!!')
    return syntaxIssue('a tag needs a name after !!', node.tagStart);
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
const BESIDE_KEY = 'a list or mapping must not begin on the line of its key';
const BESIDE_VALUE = 'text after the end of a value';

/** In brackets, an anchor or a tag may end directly at the end of its node. */
function touchingIssue(text: string, node: Node): Issue | undefined {
  if (isTouching(text, node.anchorEnd)) return dialectIssue(TOUCHING, node.anchorEnd);
  if ('tagEnd' in node && isTouching(text, node.tagEnd)) return dialectIssue(TOUCHING, node.tagEnd);
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

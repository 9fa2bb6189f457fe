import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  type ScalarEvent,
  YAMLException,
} from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import { printable } from '../model/quote.ts';
import { MISTAKABLE } from './invisible-characters.ts';
import { dialectIssue, duplicateKey, reservedKey, syntaxIssue, tooDeep } from './syntax-issues.ts';
import { characterIssue } from './yaml-characters.ts';
import { offsetOfScalar } from './yaml-positions.ts';
import { isKnownTag, RESERVED_KEY_REASON, WRONG_TAG_REASON } from './yaml-schema.ts';

const COMPLEX_KEY = 'a key must not be a list or mapping';

/**
 * js-yaml's reasons that quote no content, and our words for them. Any other counts as a quote, so that
 * a new release of js-yaml cannot leak a secret (P8).
 */
const REASONS: Readonly<Record<string, string>> = {
  'deficient indentation': 'indented less than the block around it',
  'tab characters must not be used in indentation':
    'tab characters must not be used in indentation',
  'bad indentation of a mapping entry': 'bad indentation of a mapping entry',
  'bad indentation of a sequence entry': 'bad indentation of a list entry',
  'end of the stream or a document separator is expected':
    'does not fit the lines above: a key without ": ", or a list beside a mapping',
  'can not read a block mapping entry; a multiline key may not be an implicit key':
    'expected ": " after a key',
  "expected ':' after a mapping key": 'expected ": " after a key',
  'a whitespace character is expected after the key-value separator within a block mapping':
    'expected a space after the colon',
  'missed comma between flow collection entries': 'missing comma between entries in brackets',
  "expected the node content, but found ','": 'expected a value, but found a comma',
  'unexpected end of the stream within a flow collection': 'a bracket is not closed',
  'unexpected end of the stream within a single quoted scalar': 'a single quote is not closed',
  'unexpected end of the stream within a double quoted scalar': 'a double quote is not closed',
  'unexpected end of the document within a single quoted scalar': 'a single quote is not closed',
  'unexpected end of the document within a double quoted scalar': 'a double quote is not closed',
  'unknown escape sequence': 'unknown escape sequence; a backslash is literal in single quotes',
  'expected hexadecimal character': 'an escape sequence needs more hexadecimal digits',
  'expected valid JSON character': 'control characters are not allowed in quotes',
  'the stream contains non-printable characters': 'control characters are not allowed',
  'null byte is not allowed in input': 'has a null byte; it may be a binary file',
  'a line break is expected': 'the text of a block must begin on the next line',
  'object-based map does not support complex keys': COMPLEX_KEY,
  'cannot merge mappings; the provided source object is unacceptable':
    'the merge key << needs a mapping or a list of mappings',
  'name of an alias node must contain at least one character':
    'an alias needs a name; put text that starts with * in quotes',
  'name of an anchor node must contain at least one character':
    'an anchor needs a name; put text that starts with & in quotes',
  'duplication of an anchor property': 'a value has two anchors',
  'duplication of a tag property': 'a value has two tags',
  'alias node should not have any properties': 'an alias cannot have an anchor or a tag',
  [WRONG_TAG_REASON]: 'a list or mapping does not fit its tag',
  'directives end mark is expected': 'a line that starts with % must be followed by ---',
};

/** js-yaml's reasons that end in a quote, and our words before it. */
const QUOTING: readonly (readonly [pattern: RegExp, message: string])[] = [
  [/^unidentified alias (".*")$/s, 'unknown alias'],
  [/^undeclared tag handle (".*")$/s, 'unknown tag handle'],
  [/^cannot resolve a node with !<(.*)> explicit tag$/s, 'the value does not fit its tag'],
];

/** The issue for an error of js-yaml. `events` are empty if the text could not be read that far. */
export function issueOf(thrown: unknown, text: string, events: readonly Event[]): Issue {
  if (!(thrown instanceof YAMLException)) return syntaxIssue('is not valid YAML', 0);
  const { reason } = thrown;
  const at = thrown.mark?.position ?? 0;
  if (reason === RESERVED_KEY_REASON) return reservedKey(startOfKey(text, at));
  if (reason === 'duplicated mapping key') return duplicateKeyAt(text, events, at);
  if (reason.startsWith('nesting exceeded maxDepth')) return tooDeep(at);
  if (reason.startsWith('merge keys exceeded'))
    return { code: 'LG_VALIDATE_ALIASES', args: ['merge too many keys with <<'], at };
  const known = REASONS[reason];
  if (known !== undefined) return syntaxIssue(`${known}${adviceFor(reason, text, at)}`, at);
  for (const [pattern, message] of QUOTING) {
    const quote = pattern.exec(reason)?.[1]?.replace('tag:yaml.org,2002:', '!!');
    // js-yaml points at the name of an alias, not at the star before it.
    const start = message === 'unknown alias' ? at - 1 : at;
    if (quote !== undefined) return syntaxIssue(message, start, printable(quote));
  }
  return syntaxIssue('is not valid YAML', at, printable(`(${reason})`));
}

/** js-yaml also calls other mistakes bad indentation; the characters around tell them apart. */
function adviceFor(reason: string, text: string, offset: number): string {
  if (reason !== 'bad indentation of a mapping entry') return '';
  const rest = text.slice(offset, offset + 2);
  if (/^:\s/.test(rest)) return ', or a value that contains ": " and needs quotes';
  if (/^[@`%]/.test(rest)) return ', or a value that starts with @, ` or % and needs quotes';
  // In `schedule: */15 * * * *` js-yaml sees an alias, then text.
  const before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  if (/\s\*\S*\s+$/.test(before)) return ', or a value that starts with * and needs quotes';
  return ', or text after the end of a value';
}

function duplicateKeyAt(text: string, events: readonly Event[], offset: number): Issue {
  const key = events.find((event) => event.type === EVENT_ID.SCALAR && startsAt(event, offset));
  if (key?.type !== EVENT_ID.SCALAR)
    return { code: 'LG_VALIDATE_DUPLICATE_KEY', args: [], at: startOfKey(text, offset) };
  const at = startOfKey(text, Math.max(key.valueStart, offset));
  return duplicateKey(getScalarValue(text, key), at);
}

/** js-yaml points at the tag or the anchor of a key that has one. */
function startsAt({ tagStart, anchorStart, valueStart }: ScalarEvent, offset: number): boolean {
  return [tagStart, anchorStart, valueStart].includes(offset);
}

/** js-yaml points behind the opening quote. */
function startOfKey(text: string, offset: number): number {
  return /["']/.test(text[offset - 1] ?? '') ? offset - 1 : offset;
}

type Collection = Extract<Event, { start: number }>;
type Node = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>;

/** A collection that is still open. */
interface Open {
  readonly mapping: boolean;
  readonly block: boolean;
  /** Always false unless it is a mapping. */
  awaitsKey: boolean;
  /** The newest key, undefined before the first one. */
  key: Node | undefined;
}

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
  return { error: issueInNodes(text, events, isSuspect, warnings), warnings: warnings.issues };
}

/** js-yaml alone accepts blanks before a document marker. The same characters may be text. */
function findIndentedMarker(text: string, events: readonly Event[]): number | undefined {
  // A cheap search first: almost no text has one.
  if (!text.includes('---')) return undefined;
  const found = text.matchAll(/^[ \t]+(?=---(?:\s|$))/gm);
  const offsets = [...found].map((blanks) => blanks.index + blanks[0].length);
  for (const event of offsets.length === 0 ? [] : events) {
    if (event.type !== EVENT_ID.SCALAR || event.valueStart === -1) continue;
    while (offsets[0] !== undefined && offsets[0] < event.valueEnd) {
      if (offsets[0] < event.valueStart) return offsets[0];
      offsets.shift();
    }
  }
  return offsets[0];
}

function issueInNodes(
  text: string,
  events: readonly Event[],
  isSuspect: boolean,
  warnings: Warnings,
): Issue | undefined {
  const open: Open[] = [];
  for (const event of events) {
    if (event.type === EVENT_ID.POP) open.pop();
    else if (event.type !== EVENT_ID.DOCUMENT) {
      warnProperties(text, event, warnings);
      if (isSuspect && event.type === EVENT_ID.SCALAR)
        warnings.add(characterIssue(text, event, open.at(-1)?.awaitsKey ?? false));
      const wrong = issueIn(open.at(-1), event, text);
      if (wrong !== undefined) return wrong;
      if (!isCollection(event)) continue;
      const mapping = event.type === EVENT_ID.MAPPING;
      const block = event.style === COLLECTION_STYLE.BLOCK;
      open.push({ mapping, block, awaitsKey: mapping, key: undefined });
    }
  }
  return undefined;
}

/** Of the anchor and the tag of a node; most nodes have neither. */
function warnProperties(text: string, node: Node, warnings: Warnings): void {
  const tagStart = node.type === EVENT_ID.ALIAS ? -1 : node.tagStart;
  if (node.anchorStart === -1 && tagStart === -1) return;
  warnings.add(touchingIssue(text, node));
  if (node.type !== EVENT_ID.ALIAS && tagStart !== -1)
    warnings.addTag(text.slice(tagStart, node.tagEnd), tagStart);
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
/** A comment directly after a quote or bracket. */
export function touchingComment(at: number): Issue {
  return dialectIssue('expected a space before the # of a comment', at);
}

const TOUCHING = 'expected a space after an anchor or a tag';

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

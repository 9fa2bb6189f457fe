import { constructFromEvents, EVENT_ID, type Event } from 'js-yaml';
import type { Issue } from '../model/issue.ts';
import type { Pointer } from '../model/pointer.ts';
import { refused, refusedAsEmpty } from './document.ts';
import type { Document, Format, Parsed } from './format.ts';
import { createLines } from './lines.ts';
import { refusedByAll } from './readers.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { isOnlyForJavaScript, YAML_READERS } from './yaml-dialects.ts';
import { parseYamlEvents, readEvents, type YamlSource } from './yaml-events.ts';
import { issueOf } from './yaml-issues.ts';
import { endsOfCollections, isTree, readYamlPositions } from './yaml-positions.ts';
import { YAML_SCHEMA } from './yaml-schema.ts';
import { strictIssues } from './yaml-strict.ts';

/** YAML 1.2's core schema and the merge key `<<`; all tags give plain data. */
export const yaml: Format = {
  name: 'yaml',
  extensions: ['.yaml', '.yml'],
  parse,
  refusedAt: (_text, _bytes, warnings) => refusedByAll(warnings, YAML_READERS),
};

function parse(text: string): Parsed {
  const read = readEvents(text);
  if ('issue' in read) return refused(text, [read.issue]);
  const { source, events } = read;
  const written = (issue: Issue): Issue => ({ ...issue, at: source.originalOffset(issue.at) });
  try {
    const { error, warnings } = strictIssues(source.text, events);
    // Before anything walks the values: an alias bomb is dangerous only then.
    const issue = aliasIssue(source.text, events) ?? error ?? unreadIssue(source, warnings);
    if (issue !== undefined) return refused(text, [written(issue)]);
    const values = constructFromEvents(events, { source: source.text, schema: YAML_SCHEMA });
    const documents = documentsOf(source, events, values);
    if (documents.length === 0) return withoutDocuments(text);
    return { ok: true, documents, warnings: [...source.warnings, ...warnings.map(written)] };
  } catch (thrown) {
    return refused(text, [written(issueOf(thrown, source.text, events))]);
  }
}

/** What js-yaml alone reads is read by none if js-yaml 5 refuses the text as it was written. */
function unreadIssue({ text, written }: YamlSource, warnings: readonly Issue[]): Issue | undefined {
  const unread = text === written ? undefined : warnings.find(isOnlyForJavaScript);
  return unread && { ...unread, code: 'LG_VALIDATE_SYNTAX' };
}

const COMMENT = /^[ \t]*#/m;

/** Comments alone are null to every reader, and were written; a blank file is an accident. */
function withoutDocuments(text: string): Parsed {
  const empty = refusedAsEmpty('YAML');
  if (empty.ok || !COMMENT.test(text)) return empty;
  const locate: Document['locate'] = () => ({ line: 1, column: 1 });
  return { ok: true, documents: [{ value: null, locate }], warnings: empty.issues };
}

/** Beyond this length only the positions on one path are read: all of them take as much memory as parsing. */
const LONG_TEXT = 128 * 2 ** 10;

/** Documents that have a value; after a last `---` there is none. */
function documentsOf(
  source: YamlSource,
  events: readonly Event[],
  values: readonly unknown[],
): readonly Document[] {
  // The events take ten times the size of the text, so they are not kept: if a position is needed,
  // they are read again.
  const documents: Started[] = [];
  let count = 0;
  for (let start = 0; start < events.length; start++) {
    if (events[start]?.type !== EVENT_ID.DOCUMENT) continue;
    const value = plainOf(values[count++]);
    if (!isAbsent(events[start + 1])) documents.push({ start, value });
  }
  return withPositions(source, documents);
}

/** An integer alone has nothing around it that could keep it exactly. */
function plainOf(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

interface Started {
  /** Index of its first event. */
  readonly start: number;
  readonly value: unknown;
}

/** A separate function, since its closures must not hold on to the events. */
function withPositions(
  { text, written, originalOffset }: YamlSource,
  documents: readonly Started[],
): readonly Document[] {
  let nodesOf: ReturnType<typeof nodesIn> | undefined;
  const positionOf = createLines(written);
  return documents.map(({ start, value }) => ({
    value,
    locate: (pointer, part) => {
      nodesOf ??= nodesIn(text);
      return positionOf(originalOffset(offsetOf(nodesOf(start, pointer), pointer, part)));
    },
  }));
}

/** The nodes of a document; in a long text only those on the path to the pointer. */
function nodesIn(text: string): (start: number, pointer: Pointer) => SourceNode {
  const events = parseYamlEvents(text);
  if (text.length > LONG_TEXT && isTree(text, events)) {
    const ends = endsOfCollections(events);
    return (start, path) => readYamlPositions(text, events, start, { path, ends });
  }
  const roots = new Map<number, SourceNode>();
  // Not `getOrInsertComputed`, which Node 22 lacks: the SDK runs there.
  return (start) => {
    const root = roots.get(start) ?? readYamlPositions(text, events, start);
    roots.set(start, root);
    return root;
  };
}

/** The empty scalar of a value that is not written, not even as `""` or `null`. */
export function isAbsent(event: Event | undefined): boolean {
  if (event?.type !== EVENT_ID.SCALAR) return false;
  return event.valueStart === -1 && event.tagStart === -1 && event.anchorStart === -1;
}

/** How many values aliases may add to a file, far above what a usual bundle has. */
export const MAX_ALIASED_VALUES = 100_000;

/** A value that an anchor names, or a collection that is still open. */
interface Counted {
  /** Number of values before it, with aliases expanded. */
  readonly before: number;
  /** Number of values in it, with aliases expanded; undefined while it is open. */
  size: number | undefined;
}

/**
 * Refuses aliases that form a cycle or expand to too many values. Linear in the length of the file:
 * the size of an anchor is known when an alias names it, so nothing is ever expanded.
 */
function aliasIssue(text: string, events: readonly Event[]): Issue | undefined {
  // Most files have none, and the loop below makes an object for each value.
  if (!events.some(({ type }) => type === EVENT_ID.ALIAS)) return undefined;
  const anchors = new Map<string, Counted>();
  const open: Counted[] = [];
  let total = 0;
  let aliased = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      const closed = open.pop() as Counted;
      closed.size = total - closed.before;
    } else if (event.type !== EVENT_ID.ALIAS) {
      const counted = begin(event, text, anchors, total);
      if (counted.size === undefined) open.push(counted);
      total += 1;
    } else {
      const target = anchors.get(text.slice(event.anchorStart, event.anchorEnd));
      // js-yaml reports an alias of nothing itself.
      if (target === undefined) continue;
      const at = event.anchorStart - 1;
      if (target.size === undefined) return issueAt(at, 'form a cycle');
      total += target.size;
      aliased += target.size;
      if (aliased > MAX_ALIASED_VALUES)
        return issueAt(at, `expand to more than ${MAX_ALIASED_VALUES} values`);
    }
  }
  return undefined;
}

function begin(
  event: Exclude<Event, { type: typeof EVENT_ID.POP | typeof EVENT_ID.ALIAS }>,
  text: string,
  anchors: Map<string, Counted>,
  before: number,
): Counted {
  const counted = { before, size: event.type === EVENT_ID.SCALAR ? 1 : undefined };
  if (event.type === EVENT_ID.DOCUMENT) anchors.clear();
  else if (event.anchorStart !== -1)
    anchors.set(text.slice(event.anchorStart, event.anchorEnd), counted);
  return counted;
}

function issueAt(at: number, what: string): Issue {
  return { code: 'LG_VALIDATE_ALIASES', args: [what], at };
}

import { constructFromEvents, EVENT_ID, type Event, parseEvents } from 'js-yaml';
import type { Pointer } from '../model/pointer.ts';
import { refused, refusedAsEmpty } from './document.ts';
import { type Document, type Format, MAX_DEPTH, type Parsed } from './format.ts';
import { createLines } from './lines.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { aliasIssue } from './yaml-aliases.ts';
import { issueOf } from './yaml-errors.ts';
import { isTree, readYamlPositions } from './yaml-positions.ts';
import { YAML_SCHEMA } from './yaml-schema.ts';
import { strictIssue } from './yaml-strict.ts';

/** YAML 1.2's core schema and the merge key `<<`; all tags give plain data. */
export const yaml: Format = { name: 'yaml', extensions: ['.yaml', '.yml'], parse };

function parse(text: string): Parsed {
  let events: readonly Event[] = [];
  try {
    const parsed = eventsOf(text);
    events = parsed;
    // Before anything walks the values: an alias bomb is dangerous only then.
    const issue = aliasIssue(text, events) ?? strictIssue(text, events);
    if (issue !== undefined) return refused(text, [issue]);
    const values = constructFromEvents(parsed, { source: text, schema: YAML_SCHEMA });
    const documents = documentsOf(text, events, values);
    return documents.length === 0 ? refusedAsEmpty('YAML') : { ok: true, documents };
  } catch (thrown) {
    return refused(text, [issueOf(thrown, text, events)]);
  }
}

/** Beyond this length only the positions on one path are read: all of them take as much memory as parsing. */
const LONG_TEXT = 128 * 2 ** 10;

/** js-yaml counts calls: one more for the innermost scalar, and one for a tentative key. */
function eventsOf(text: string) {
  return parseEvents(text, { maxDepth: MAX_DEPTH + 2 });
}

/** Documents that have a value; after a last `---` there is none. */
function documentsOf(
  text: string,
  events: readonly Event[],
  values: readonly unknown[],
): readonly Document[] {
  // The events take ten times the size of the text, so they are not kept: if a position is needed,
  // they are read again.
  const documents = startsOf(events)
    .map((start, index) => ({ start, value: values[index] }))
    .filter(({ start }) => !isAbsent(events[start + 1]));
  return withPositions(text, documents);
}

interface Started {
  /** Index of its first event. */
  readonly start: number;
  readonly value: unknown;
}

/** A separate function, since its closures must not hold on to the events. */
function withPositions(text: string, documents: readonly Started[]): readonly Document[] {
  let nodesOf: ReturnType<typeof nodesIn> | undefined;
  const positionOf = createLines(text);
  return documents.map(({ start, value }) => ({
    value,
    locate: (pointer, part) => {
      nodesOf ??= nodesIn(text);
      return positionOf(offsetOf(nodesOf(start, pointer), pointer, part));
    },
  }));
}

/** The nodes of a document; in a long text only those on the path to the pointer. */
function nodesIn(text: string): (start: number, pointer: Pointer) => SourceNode {
  const events = eventsOf(text);
  if (text.length > LONG_TEXT && isTree(text, events))
    return (start, pointer) => readYamlPositions(text, events, start, pointer);
  const known = new Map<number, SourceNode>();
  return (start) => {
    const root = known.get(start) ?? readYamlPositions(text, events, start);
    known.set(start, root);
    return root;
  };
}

function startsOf(events: readonly Event[]): readonly number[] {
  const starts: number[] = [];
  for (let index = 0; index < events.length; index++)
    if (events[index]?.type === EVENT_ID.DOCUMENT) starts.push(index);
  return starts;
}

/** The empty scalar of a value that is not written, not even as `""` or `null`. */
function isAbsent(event: Event | undefined): boolean {
  if (event?.type !== EVENT_ID.SCALAR) return false;
  return event.valueStart === -1 && event.tagStart === -1 && event.anchorStart === -1;
}

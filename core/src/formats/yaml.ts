import { constructFromEvents, EVENT_ID, type Event, parseEvents } from 'js-yaml';
import { refused, refusedAsEmpty } from './document.ts';
import { type Document, type Format, MAX_DEPTH, type Parsed, type Pointer } from './format.ts';
import { createLines } from './lines.ts';
import { offsetOf, type SourceNode } from './source-node.ts';
import { aliasComplaint } from './yaml-aliases.ts';
import { isTree, readYamlPositions } from './yaml-positions.ts';
import { problemOf } from './yaml-problems.ts';
import { YAML_SCHEMA } from './yaml-schema.ts';
import { strictComplaint } from './yaml-strict.ts';

/** YAML 1.2's core schema and the merge key `<<`; no tag that makes anything but plain data. */
export const yaml: Format = { name: 'yaml', extensions: ['.yaml', '.yml'], parse };

function parse(text: string): Parsed {
  let events: readonly Event[] = [];
  try {
    const parsed = eventsOf(text);
    events = parsed;
    // Before anything walks the values: an alias bomb is only dangerous when it is walked.
    const complaint = aliasComplaint(text, events) ?? strictComplaint(text, events);
    if (complaint !== undefined) return refused(text, [complaint]);
    const values = constructFromEvents(parsed, { source: text, schema: YAML_SCHEMA });
    const documents = documentsOf(text, events, values);
    return documents.length === 0 ? refusedAsEmpty('YAML') : { ok: true, documents };
  } catch (thrown) {
    return refused(text, [problemOf(thrown, text, events)]);
  }
}

/** All places of a text of 1 MiB take as much memory as parsing it. */
const LONG_TEXT = 128 * 2 ** 10;

/** js-yaml counts calls: one more for the innermost scalar, and one for a key that it tries. */
function eventsOf(text: string) {
  return parseEvents(text, { maxDepth: MAX_DEPTH + 2 });
}

/** A document without a value, such as what follows a last `---`, is none. */
function documentsOf(
  text: string,
  events: readonly Event[],
  values: readonly unknown[],
): readonly Document[] {
  // The events take ten times the size of the text, and are not kept for places that are only asked
  // for when something is wrong: they are read again then.
  const documents = startsOf(events)
    .map((start, index) => ({ start, value: values[index] }))
    .filter(({ start }) => !isAbsent(events[start + 1]));
  return placed(text, documents);
}

interface Started {
  /** Index of its first event. */
  readonly start: number;
  readonly value: unknown;
}

/** A function of its own, since what it returns would else hold on to the events. */
function placed(text: string, documents: readonly Started[]): readonly Document[] {
  let found: ((start: number, pointer: Pointer) => SourceNode) | undefined;
  const positionOf = createLines(text);
  return documents.map(({ start, value }) => ({
    value,
    locate: (pointer, part) => {
      found ??= placesIn(text);
      return positionOf(offsetOf(found(start, pointer), pointer, part));
    },
  }));
}

/** The places of a document; of a long text only those that lead to the pointer. */
function placesIn(text: string): (start: number, pointer: Pointer) => SourceNode {
  const events = eventsOf(text);
  if (text.length > LONG_TEXT && isTree(text, events))
    return (start, pointer) => readYamlPositions(text, events, start, pointer);
  const known = new Map<number, SourceNode>();
  return (start) => {
    const places = known.get(start) ?? readYamlPositions(text, events, start);
    known.set(start, places);
    return places;
  };
}

function startsOf(events: readonly Event[]): readonly number[] {
  const starts: number[] = [];
  for (let index = 0; index < events.length; index++)
    if (events[index]?.type === EVENT_ID.DOCUMENT) starts.push(index);
  return starts;
}

/** The empty scalar that stands for a value that was not written, not even as `""` or `null`. */
function isAbsent(event: Event | undefined): boolean {
  if (event?.type !== EVENT_ID.SCALAR) return false;
  return event.valueStart === -1 && event.tagStart === -1 && event.anchorStart === -1;
}

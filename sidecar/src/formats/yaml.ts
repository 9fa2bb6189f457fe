import { constructFromEvents, EVENT_ID, type Event, parseEvents } from 'js-yaml';
import { documentOf, refused, refusedAsEmpty } from './document.ts';
import { type Document, type Format, MAX_DEPTH, type Parsed } from './format.ts';
import { createLines } from './lines.ts';
import { aliasComplaint } from './yaml-aliases.ts';
import { placesOfYaml } from './yaml-places.ts';
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
  let events: readonly Event[] | undefined;
  const placesFrom = (start: number) => {
    events ??= eventsOf(text);
    return placesOfYaml(text, events, start);
  };
  const positionOf = createLines(text);
  return documents.map(({ start, value }) =>
    documentOf(text, value, () => placesFrom(start), positionOf),
  );
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

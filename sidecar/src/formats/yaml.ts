import { constructFromEvents, EVENT_ID, type Event, parseEvents } from 'js-yaml';
import { documentOf, refused, refusedAsEmpty } from './document.ts';
import { type Document, type Format, MAX_DEPTH, type Parsed } from './format.ts';
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
    // js-yaml counts calls: one more for the innermost scalar, and one for a key that it tries.
    const parsed = parseEvents(text, { maxDepth: MAX_DEPTH + 2 });
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

/** A document without a value, such as what follows a last `---`, is none. */
function documentsOf(
  text: string,
  events: readonly Event[],
  values: readonly unknown[],
): readonly Document[] {
  return startsOf(events)
    .map((start, index) => ({ start, value: values[index] }))
    .filter(({ start }) => !isAbsent(events[start + 1]))
    .map(({ start, value }) => documentOf(text, value, () => placesOfYaml(text, events, start)));
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

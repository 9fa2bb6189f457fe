import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml';

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A node of the YAML text: where it begins, and its children by key or index. */
interface Place {
  readonly offset: number;
  readonly children: Map<PropertyKey, Place>;
}

/**
 * The position of a value in a valid YAML text: `path` begins with the number of the document. For a
 * path that does not exist, the position of its deepest part that does.
 */
export function positionOf(text: string, path: readonly PropertyKey[]): Position {
  let place: Place = { offset: 0, children: placesOf(text) };
  for (const key of path) {
    const child = place.children.get(key);
    if (child === undefined) break;
    place = child;
  }
  const before = text.slice(0, place.offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function placesOf(text: string): Map<PropertyKey, Place> {
  const events = parseEvents(text, {}).values();
  const documents = new Map<PropertyKey, Place>();
  for (const event of events) {
    if (event.type !== EVENT_ID.DOCUMENT) continue;
    const [root] = childrenOf(events, text);
    documents.set(documents.size, root?.place ?? { offset: 0, children: new Map() });
  }
  return documents;
}

interface Found {
  /** The decoded text of a scalar: it may be a key. */
  readonly text: string | undefined;
  readonly place: Place;
}

/** Everything up to the POP that closes the collection or document that was just opened. */
function childrenOf(events: Iterator<Event>, text: string): Found[] {
  const found: Found[] = [];
  for (let next = events.next(); !next.done; next = events.next()) {
    const event = next.value;
    if (event.type === EVENT_ID.POP) break;
    found.push(foundAt(event, events, text));
  }
  return found;
}

function foundAt(event: Event, events: Iterator<Event>, text: string): Found {
  switch (event.type) {
    case EVENT_ID.SCALAR:
      return { text: getScalarValue(text, event), place: leaf(event.valueStart) };
    case EVENT_ID.SEQUENCE: {
      const items = childrenOf(events, text).map(({ place }, index) => [index, place] as const);
      return { text: undefined, place: { offset: event.start, children: new Map(items) } };
    }
    case EVENT_ID.MAPPING: {
      const children = pairsOf(childrenOf(events, text));
      return { text: undefined, place: { offset: event.start, children } };
    }
    case EVENT_ID.ALIAS:
      return { text: undefined, place: leaf(event.anchorStart) };
    default:
      return { text: undefined, place: leaf(0) };
  }
}

function pairsOf(nodes: readonly Found[]): Map<PropertyKey, Place> {
  const pairs = new Map<PropertyKey, Place>();
  for (let index = 0; index + 1 < nodes.length; index += 2) {
    const [key, value] = [nodes[index], nodes[index + 1]];
    if (key?.text === undefined || value === undefined) continue;
    // An empty value has no position, but its key has.
    const offset = value.place.offset < 0 ? key.place.offset : value.place.offset;
    pairs.set(key.text, { ...value.place, offset });
  }
  return pairs;
}

const leaf = (offset: number): Place => ({ offset, children: new Map() });

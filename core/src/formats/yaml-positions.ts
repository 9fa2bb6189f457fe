import {
  COLLECTION_STYLE,
  constructFromEvents,
  EVENT_ID,
  type Event,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import type { Pointer } from './format.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { YAML_SCHEMA } from './yaml-schema.ts';

interface Key {
  readonly name: string;
  readonly offset: number;
  readonly merges: boolean;
}

interface Open {
  readonly place: SourceNode;
  readonly anchor: string;
  /** The value has no first character of its own, so it stands where its key stands. */
  readonly block: boolean;
  /** How many steps of the way lead here; undefined beside it, where nothing is kept. */
  readonly depth: number | undefined;
  /** Values so far. */
  count: number;
  key: Key | undefined;
}

/**
 * Where every value of a document stands, from its first event on; with `way`, of a tree, only those
 * that lie on this way from the top, which takes next to no memory. The text is known to be valid.
 */
export function readYamlPositions(
  text: string,
  events: readonly Event[],
  start: number,
  way?: Pointer,
): SourceNode {
  const reader = new PlacesReader(text, events[start] as Event, way);
  for (let index = start + 1; index < events.length; index++) {
    const event = events[index] as Event;
    if (event.type === EVENT_ID.DOCUMENT) break;
    reader.read(event);
  }
  return reader.root;
}

class PlacesReader {
  root: SourceNode = nodeAt('scalar', 0);
  readonly #text: string;
  readonly #document: Event;
  readonly #way: Pointer | undefined;
  readonly #open: Open[] = [];
  readonly #names = new Map<string, string>();
  readonly #anchors = new Map<string, { readonly place: SourceNode; readonly name: string }>();

  constructor(text: string, document: Event, way: Pointer | undefined) {
    this.#text = text;
    this.#document = document;
    this.#way = way;
  }

  read(event: Event): void {
    switch (event.type) {
      case EVENT_ID.SCALAR:
        this.#readScalar(event);
        break;
      case EVENT_ID.ALIAS:
        this.#readAlias(this.#slice(event.anchorStart, event.anchorEnd), event.anchorStart);
        break;
      case EVENT_ID.SEQUENCE:
      case EVENT_ID.MAPPING:
        this.#open.push({
          place: nodeAt(event.type === EVENT_ID.MAPPING ? 'mapping' : 'list', event.start),
          anchor: this.#slice(event.anchorStart, event.anchorEnd),
          block: event.style === COLLECTION_STYLE.BLOCK,
          depth: this.#depthOfNext(),
          count: 0,
          key: undefined,
        });
        break;
      case EVENT_ID.POP:
        this.#close();
        break;
    }
  }

  #readScalar(event: ScalarEvent): void {
    const parent = this.#open.at(-1);
    const offset = offsetOfScalar(event) ?? parent?.place.offset ?? 0;
    const anchor = this.#slice(event.anchorStart, event.anchorEnd);
    const isKey = this.#awaitsKey(parent);
    const name = isKey || anchor !== '' ? this.#nameOf(event) : '';
    const place = nodeAt('scalar', offset);
    if (anchor !== '') this.#anchors.set(anchor, { place, name });
    if (isKey) {
      const merges = name === '<<' && event.style === SCALAR_STYLE.PLAIN;
      parent.key = { name, offset, merges };
    } else this.#add(place, isBlock(event));
  }

  #readAlias(anchor: string, anchorStart: number): void {
    const target = this.#anchors.get(anchor);
    if (target === undefined) return;
    const parent = this.#open.at(-1);
    const offset = anchorStart - 1;
    if (this.#awaitsKey(parent)) parent.key = { name: target.name, offset, merges: false };
    // What is inside stands where the anchor stands: that is where it can be corrected.
    else this.#add({ ...target.place, offset }, false);
  }

  #close(): void {
    const closed = this.#open.pop();
    if (closed === undefined) return;
    const { place, anchor, block } = closed;
    if (anchor !== '') this.#anchors.set(anchor, { place, name: '' });
    this.#add(place, block);
  }

  /** Puts a value into the collection around it, or makes it the root. */
  #add(place: SourceNode, block: boolean): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      this.root = place;
      return;
    }
    const isKept = this.#depthOfNext() !== undefined;
    const { children, merged } = parent.place;
    const index = String(parent.count);
    parent.count += 1;
    const { key } = parent;
    parent.key = undefined;
    if (!isKept) return;
    if (key === undefined) {
      children.set(index, place);
      return;
    }
    const { name, offset, merges } = key;
    if (!merges)
      children.set(name, { ...place, offset: block ? offset : place.offset, keyOffset: offset });
    else if (place.kind === 'list') merged.push(...place.children.values());
    else merged.push(place);
  }

  /** As `Open.depth`, of the value that comes next; without a way everything is kept. */
  #depthOfNext(): number | undefined {
    const parent = this.#open.at(-1);
    if (parent === undefined || this.#way === undefined) return 0;
    const { depth, key, count } = parent;
    if (depth === undefined) return undefined;
    return String(this.#way[depth]) === (key?.name ?? String(count)) ? depth + 1 : undefined;
  }

  #awaitsKey(parent: Open | undefined): parent is Open {
    return parent?.place.kind === 'mapping' && parent.key === undefined;
  }

  /** The key that js-yaml makes of it: `0x10` is "16", `~` is "null". A file repeats its keys. */
  #nameOf(event: ScalarEvent): string {
    const written = this.#slice(event.valueStart, event.valueEnd);
    const plain = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1;
    const known = plain ? this.#names.get(written) : undefined;
    if (known !== undefined) return known;
    const alone = [this.#document, event, { type: EVENT_ID.POP }];
    const name = String(constructFromEvents(alone, { source: this.#text, schema: YAML_SCHEMA })[0]);
    if (plain) this.#names.set(written, name);
    return name;
  }

  #slice(start: number, end: number): string {
    return start === -1 ? '' : this.#text.slice(start, end);
  }
}

/** Whether each value stands at one place alone: nothing is named by an anchor, and nothing merged. */
export function isTree(text: string, events: readonly Event[]): boolean {
  return !events.some(
    (event) =>
      ('anchorStart' in event && event.anchorStart !== -1) ||
      (event.type === EVENT_ID.SCALAR && text.slice(event.valueStart, event.valueEnd) === '<<'),
  );
}

/** Where a scalar begins, quotes included; undefined when nothing is written. */
export function offsetOfScalar({ valueStart, style }: ScalarEvent): number | undefined {
  if (valueStart === -1) return undefined;
  const quoted = style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
  return quoted ? valueStart - 1 : valueStart;
}

/** A value that was left out, or whose text begins on a later line than its `|` or `>`. */
function isBlock({ valueStart, style }: ScalarEvent): boolean {
  return (
    valueStart === -1 || style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
  );
}

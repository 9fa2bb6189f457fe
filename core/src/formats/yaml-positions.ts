import {
  COLLECTION_STYLE,
  constructFromEvents,
  EVENT_ID,
  type Event,
  SCALAR_STYLE,
  type ScalarEvent,
} from 'js-yaml';
import type { Pointer } from '../model/pointer.ts';
import { nodeAt, type SourceNode } from './source-node.ts';
import { isCollection, offsetOfScalar } from './yaml-nodes.ts';
import { YAML_SCHEMA } from './yaml-schema.ts';

interface Key {
  readonly name: string;
  readonly offset: number;
  readonly merges: boolean;
}

interface Open {
  readonly node: SourceNode;
  readonly anchor: string;
  /** A collection in block style, which is located at its key. */
  readonly block: boolean;
  /** How many steps of the path lead here; undefined off the path, where no node is kept. */
  readonly depth: number | undefined;
  /** Values so far. */
  count: number;
  key: Key | undefined;
}

/** A path from the top of a document, and for each event of a collection the index of its last one. */
interface PathInEvents {
  readonly path: Pointer;
  readonly ends: Uint32Array;
}

/**
 * The positions of all values of a document, from its first event on. With `only`, those on this path alone,
 * which takes almost no memory, and jumps over everything beside it; the document must then be a tree. The
 * text is valid.
 */
export function readYamlPositions(
  text: string,
  events: readonly Event[],
  start: number,
  only?: PathInEvents,
): SourceNode {
  const reader = new PositionsReader(text, events[start] as Event, only?.path);
  for (let index = start + 1; index < events.length; index++) {
    const event = events[index] as Event;
    if (event.type === EVENT_ID.DOCUMENT) break;
    if (only === undefined || event.type === EVENT_ID.POP) reader.read(event);
    else if (isCollection(event) && reader.jumpOver()) index = only.ends[index] ?? index;
    else reader.read(event);
  }
  return reader.root;
}

/** For each event that begins a collection, the index of the one that ends it. */
export function endsOfCollections(events: readonly Event[]): Uint32Array {
  const ends = new Uint32Array(events.length);
  const open: number[] = [];
  events.forEach((event, index) => {
    if (event.type === EVENT_ID.POP) ends[open.pop() ?? index] = index;
    else if (event.type === EVENT_ID.DOCUMENT || isCollection(event)) open.push(index);
  });
  return ends;
}

class PositionsReader {
  root: SourceNode = nodeAt('scalar', 0);
  readonly #text: string;
  readonly #document: Event;
  readonly #path: Pointer | undefined;
  readonly #open: Open[] = [];
  readonly #names = new Map<string, string>();
  readonly #anchors = new Map<string, { readonly node: SourceNode; readonly name: string }>();

  constructor(text: string, document: Event, path: Pointer | undefined) {
    this.#text = text;
    this.#document = document;
    this.#path = path;
  }

  read(event: Event): void {
    if (event.type === EVENT_ID.POP) this.#close();
    else if (event.type === EVENT_ID.SCALAR) this.#readScalar(event);
    else if (event.type === EVENT_ID.ALIAS) this.#readAlias(event.anchorStart, event.anchorEnd);
    else if (event.type !== EVENT_ID.DOCUMENT)
      this.#open.push({
        node: nodeAt(event.type === EVENT_ID.MAPPING ? 'mapping' : 'list', event.start),
        anchor: this.#slice(event.anchorStart, event.anchorEnd),
        block: event.style === COLLECTION_STYLE.BLOCK,
        depth: this.#depthOfNext(),
        count: 0,
        key: undefined,
      });
  }

  /** Counts a value that is not on the path. False if it is, or if it is a key. */
  jumpOver(): boolean {
    const parent = this.#open.at(-1);
    const isKey: boolean = this.#awaitsKey(parent);
    if (parent === undefined || isKey || this.#depthOfNext() !== undefined) return false;
    parent.count += 1;
    parent.key = undefined;
    return true;
  }

  #readScalar(event: ScalarEvent): void {
    const parent = this.#open.at(-1);
    const offset = offsetOfScalar(event) ?? parent?.node.offset ?? 0;
    const anchor = this.#slice(event.anchorStart, event.anchorEnd);
    const isKey = this.#awaitsKey(parent);
    const name = isKey || anchor !== '' ? this.#nameOf(event) : '';
    const node = nodeAt('scalar', offset);
    if (anchor !== '') this.#anchors.set(anchor, { node, name });
    if (isKey) {
      const merges = name === '<<' && event.style === SCALAR_STYLE.PLAIN;
      parent.key = { name, offset, merges };
    } else this.#add(node, isBlock(event));
  }

  #readAlias(anchorStart: number, anchorEnd: number): void {
    const target = this.#anchors.get(this.#slice(anchorStart, anchorEnd));
    if (target === undefined) return;
    const parent = this.#open.at(-1);
    const offset = anchorStart - 1;
    if (this.#awaitsKey(parent)) parent.key = { name: target.name, offset, merges: false };
    // Values inside keep the offsets at the anchor: that is where a person can correct them.
    else this.#add({ ...target.node, offset }, false);
  }

  #close(): void {
    const closed = this.#open.pop();
    if (closed === undefined) return;
    const { node, anchor, block } = closed;
    if (anchor !== '') this.#anchors.set(anchor, { node, name: '' });
    this.#add(node, block);
  }

  /** Adds a value to the collection around it, or makes it the root. */
  #add(node: SourceNode, block: boolean): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      this.root = node;
      return;
    }
    const isKept = this.#depthOfNext() !== undefined;
    const { key, count } = parent;
    const { children, merged } = parent.node;
    parent.count += 1;
    parent.key = undefined;
    if (!isKept) return;
    if (key === undefined) children.set(String(count), node);
    else if (!key.merges)
      children.set(key.name, {
        ...node,
        offset: block ? key.offset : node.offset,
        keyOffset: key.offset,
      });
    else if (node.kind === 'list') for (const child of node.children.values()) merged.push(child);
    else merged.push(node);
  }

  /** `Open.depth` of the next value; without a path every node is kept. */
  #depthOfNext(): number | undefined {
    const parent = this.#open.at(-1);
    if (parent === undefined || this.#path === undefined) return 0;
    const { depth, key, count } = parent;
    if (depth === undefined) return undefined;
    return String(this.#path[depth]) === (key?.name ?? String(count)) ? depth + 1 : undefined;
  }

  #awaitsKey(parent: Open | undefined): parent is Open {
    return parent?.node.kind === 'mapping' && parent.key === undefined;
  }

  /** The key as js-yaml reads it: `0x10` is "16", `~` is "null". Cached, since files repeat keys. */
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

/** Whether each value has one position: no anchors and no merge keys. */
export function isTree(text: string, events: readonly Event[]): boolean {
  return !events.some(
    (event) =>
      ('anchorStart' in event && event.anchorStart !== -1) ||
      (event.type === EVENT_ID.SCALAR && text.slice(event.valueStart, event.valueEnd) === '<<'),
  );
}

/** A value that is not written, or whose text begins below its `|` or `>`. */
function isBlock({ valueStart, style }: ScalarEvent): boolean {
  return (
    valueStart === -1 || style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
  );
}

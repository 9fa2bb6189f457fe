import { isAbsent } from '@lastgood/core/formats/yaml.ts';
import { readEvents } from '@lastgood/core/formats/yaml-events.ts';
import { endOf, isCollection, startOf } from '@lastgood/core/formats/yaml-nodes.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue } from 'js-yaml';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A value of a manifest, and where it is in the text. */
export interface TextNode {
  readonly kind: 'scalar' | 'alias' | 'list' | 'mapping';
  /** In brackets, as in JSON and KYAML. */
  readonly flow: boolean;
  /** Without its anchor and tag. Of a block list, its first dash. Undefined: nothing is written. */
  readonly start: number | undefined;
  /** Behind its last character; if nothing is written, behind its key. */
  end: number;
  readonly key: Range | undefined;
  /** By key, or by index as text. */
  readonly children: Map<string, TextNode>;
}

/**
 * The top node of each document of a stream, without those of comments alone, as the parser of core counts
 * them. JSON is YAML too. Undefined if it is not valid.
 */
export function readTextNodes(written: string): readonly TextNode[] | undefined {
  const read = readEvents(written);
  if ('issue' in read) return undefined;
  const { source, events } = read;
  const { text, originalOffset } = source;
  const reader = new NodeReader(written, text, originalOffset);
  for (const event of events) reader.read(event);
  return reader.roots;
}

/** The node at a pointer. Undefined if there is none, or if it comes from an alias or a merge key. */
export function nodeAt(root: TextNode, pointer: Pointer): TextNode | undefined {
  const childOf = (node: TextNode | undefined, step: string | number) =>
    node?.children.get(String(step));
  return pointer.reduce<TextNode | undefined>(childOf, root);
}

type Node = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>;

interface Open {
  readonly node: TextNode;
  /** Of a mapping: the key whose value comes next. */
  key: (Range & { readonly name: string }) | undefined;
}

class NodeReader {
  readonly roots: TextNode[] = [];
  readonly #open: Open[] = [];
  readonly #written: string;
  /** What js-yaml has read: it may have more blanks. */
  readonly #text: string;
  readonly #originalOffset: (at: number) => number;

  constructor(written: string, text: string, originalOffset: (at: number) => number) {
    this.#written = written;
    this.#text = text;
    this.#originalOffset = originalOffset;
  }

  read(event: Event): void {
    if (event.type === EVENT_ID.DOCUMENT) return;
    if (event.type === EVENT_ID.POP) close(this.#open.pop()?.node, this.#written);
    else this.#readNode(event);
  }

  #readNode(event: Node): void {
    const parent = this.#open.at(-1);
    const range = this.#rangeOf(event);
    const isKey = parent?.node.kind === 'mapping' && parent.key === undefined;
    const node = nodeOf(event, range, isKey ? undefined : parent?.key);
    if (isKey) {
      const name = event.type === EVENT_ID.SCALAR ? getScalarValue(this.#text, event) : '';
      parent.key = { name, start: range?.start ?? 0, end: range?.end ?? 0 };
    } else if (parent === undefined) {
      if (!isAbsent(event)) this.roots.push(node);
    } else {
      parent.node.children.set(parent.key?.name ?? String(parent.node.children.size), node);
      parent.key = undefined;
    }
    // Even as a key, which no manifest has: its events must not be read as those of the mapping.
    if (isCollection(event)) this.#open.push({ node, key: undefined });
  }

  #rangeOf(event: Node): Range | undefined {
    const start = isCollection(event) ? event.start : startOf(event);
    if (start === -1) return undefined;
    return {
      start: this.#originalOffset(start),
      end: this.#originalOffset(endOf(event, this.#text)),
    };
  }
}

const KINDS = {
  [EVENT_ID.SEQUENCE]: 'list',
  [EVENT_ID.MAPPING]: 'mapping',
  [EVENT_ID.SCALAR]: 'scalar',
  [EVENT_ID.ALIAS]: 'alias',
} as const;

function nodeOf(event: Node, range: Range | undefined, key: Range | undefined): TextNode {
  return {
    kind: KINDS[event.type],
    flow: isCollection(event) && event.style === COLLECTION_STYLE.FLOW,
    start: range?.start,
    end: range?.end ?? key?.end ?? 0,
    key: key && { start: key.start, end: key.end },
    children: new Map(),
  };
}

const BLANKS_AND_COMMAS = /(?:[\s,]|#.*)*/y;

/** Sets the end of a collection once all of it is read. */
function close(node: TextNode | undefined, text: string): void {
  if (node === undefined) return;
  const last = [...node.children.values()].at(-1);
  node.end = Math.max(node.end, last?.end ?? 0);
  if (!node.flow) return;
  BLANKS_AND_COMMAS.lastIndex = node.end;
  BLANKS_AND_COMMAS.test(text);
  node.end = BLANKS_AND_COMMAS.lastIndex + 1;
}

import type { Part, Pointer } from './format.ts';

/** Where a value stands in its text, and where the values inside it stand. */
export interface SourceNode {
  readonly kind: 'scalar' | 'list' | 'mapping';
  /** Offset of the value in the text. */
  readonly offset: number;
  /** Offset of its key, if it is the value of one. */
  readonly keyOffset?: number;
  /** By key, or by index written as text. */
  readonly children: Map<string, SourceNode>;
  /** The mappings that YAML's `<<` takes further keys from. */
  readonly merged: SourceNode[];
}

/** Scalars are most of a file and hold nothing; they share these. */
const NO_CHILDREN: SourceNode['children'] = new Map();
const NO_MERGED: SourceNode['merged'] = [];

/** A place with nothing inside yet. */
export function nodeAt(kind: SourceNode['kind'], offset: number): SourceNode {
  if (kind === 'scalar') return { kind, offset, children: NO_CHILDREN, merged: NO_MERGED };
  return { kind, offset, children: new Map(), merged: [] };
}

/** The offset of what a pointer leads to, else of the nearest ancestor that there is. */
export function offsetOf(root: SourceNode, pointer: Pointer, part: Part): number {
  let place = root;
  for (const step of pointer) {
    const child = childOf(place, String(step));
    if (child === undefined) return place.offset;
    place = child;
  }
  return part === 'key' ? (place.keyOffset ?? place.offset) : place.offset;
}

function childOf({ children, merged }: SourceNode, step: string): SourceNode | undefined {
  const own = children.get(step);
  if (own !== undefined) return own;
  for (const source of merged) {
    const child = childOf(source, step);
    if (child !== undefined) return child;
  }
  return undefined;
}

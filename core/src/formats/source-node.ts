import type { Part, Pointer } from '../model/pointer.ts';

/** A value in its text: its offset, and those of the values in it. */
export interface SourceNode {
  readonly kind: 'scalar' | 'list' | 'mapping';
  /** Offset of the value in the text. */
  readonly offset: number;
  /** Offset of its key, in a mapping. */
  readonly keyOffset?: number;
  /** By key, or by index as text. */
  readonly children: Map<string, SourceNode>;
  /** The mappings whose keys YAML's `<<` adds. */
  readonly merged: SourceNode[];
}

/** Shared by scalars, which are most of a file. */
const NO_CHILDREN: SourceNode['children'] = new Map();
const NO_MERGED: SourceNode['merged'] = [];

/** A node without children. */
export function nodeAt(kind: SourceNode['kind'], offset: number): SourceNode {
  if (kind === 'scalar') return { kind, offset, children: NO_CHILDREN, merged: NO_MERGED };
  return { kind, offset, children: new Map(), merged: [] };
}

/** The offset of the value at a pointer, or of its nearest ancestor that exists. */
export function offsetOf(root: SourceNode, pointer: Pointer, part: Part): number {
  let node = root;
  for (const step of pointer) {
    const child = childOf(node, String(step));
    if (child === undefined) return node.offset;
    node = child;
  }
  return part === 'key' ? (node.keyOffset ?? node.offset) : node.offset;
}

function childOf({ children, merged }: SourceNode, step: string): SourceNode | undefined {
  const inMerged = () => merged.values().map((source) => childOf(source, step));
  return children.get(step) ?? inMerged().find((child) => child !== undefined);
}

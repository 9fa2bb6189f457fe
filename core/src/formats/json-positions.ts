import { visit } from 'jsonc-parser';
import { nodeAt, type SourceNode } from './source-node.ts';

/** The positions of all values of a valid JSON text. */
export function readJsonPositions(text: string): SourceNode {
  const top = nodeAt('list', 0);
  const open: SourceNode[] = [top];
  let key: { readonly name: string; readonly offset: number } | undefined;
  const add = (kind: SourceNode['kind'], offset: number) => {
    const parent = open.at(-1) ?? top;
    const node = nodeAt(kind, offset);
    if (key === undefined) parent.children.set(String(parent.children.size), node);
    else parent.children.set(key.name, { ...node, keyOffset: key.offset });
    key = undefined;
    return node;
  };
  visit(text, {
    onObjectBegin: (offset) => void open.push(add('mapping', offset)),
    onArrayBegin: (offset) => void open.push(add('list', offset)),
    onObjectEnd: () => void open.pop(),
    onArrayEnd: () => void open.pop(),
    onObjectProperty: (name, offset) => {
      key = { name, offset };
    },
    onLiteralValue: (_value, offset) => void add('scalar', offset),
  });
  return top.children.get('0') ?? top;
}

import { visit } from 'jsonc-parser';
import { nodeAt, type SourceNode } from './source-node.ts';

/** Where every value of a valid JSON text stands. */
export function readJsonPositions(text: string): SourceNode {
  const top = nodeAt('list', 0);
  const open: SourceNode[] = [top];
  let key: { readonly name: string; readonly offset: number } | undefined;
  const add = (kind: SourceNode['kind'], offset: number) => {
    const parent = open.at(-1) ?? top;
    const place = nodeAt(kind, offset);
    if (key === undefined) parent.children.set(String(parent.children.size), place);
    else parent.children.set(key.name, { ...place, keyOffset: key.offset });
    key = undefined;
    return place;
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

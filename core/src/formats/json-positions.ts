import { visit } from 'jsonc-parser';
import { type Place, placeAt } from './source-node.ts';

/** Where every value of a valid JSON text stands. */
export function placesOfJson(text: string): Place {
  const top = placeAt('list', 0);
  const open: Place[] = [top];
  let key: { readonly name: string; readonly offset: number } | undefined;
  const add = (kind: Place['kind'], offset: number) => {
    const parent = open.at(-1) ?? top;
    const place = placeAt(kind, offset);
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

import assert from 'node:assert/strict';
import type { Document } from '@lastgood/core/formats/format.ts';
import type { Part, Pointer } from '@lastgood/core/model/pointer.ts';
import * as yaml from 'yaml';
import { createOffsets } from './places.ts';

/**
 * Fails unless each value of the documents, and each key, is located where the parser `yaml` found
 * it. The place of a value that has no first character is that of its key.
 */
export function assertYamlPlaces(documents: readonly Document[], text: string): void {
  const parsed = yaml.parseAllDocuments(text, { logLevel: 'silent', prettyErrors: false });
  const written = [...parsed].filter(({ contents }) => contents !== null && !isAbsent(contents));
  assert.equal(documents.length, written.length);
  const offsetOf = createOffsets(text);
  for (const [index, { contents }] of written.entries()) {
    const { locate } = documents[index] as Document;
    const expect = (pointer: Pointer, part: Part, node: yaml.Node) =>
      assert.equal(offsetOf(locate(pointer, part)), node.range?.[0], `${part} ${pointer}`);
    if (yaml.isNode(contents)) visit(contents, [], expect);
  }
}

type Expect = (pointer: Pointer, part: Part, node: yaml.Node) => void;

function visit(node: yaml.Node, pointer: Pointer, expect: Expect): void {
  if (yaml.isMap(node)) for (const pair of node.items) visitPair(pair, pointer, expect);
  if (!yaml.isSeq(node)) return;
  for (const [index, item] of node.items.entries()) {
    if (!yaml.isNode(item)) continue;
    if (!isBlock(item)) expect([...pointer, index], 'value', item);
    visit(item, [...pointer, index], expect);
  }
}

/** Not for a key that is an alias or a merge: other tests locate those. */
function visitPair({ key, value }: yaml.Pair, pointer: Pointer, expect: Expect): void {
  if (!yaml.isScalar(key) || isLeftOut(key) || isBlock(key) || key.source === '<<') return;
  const inner = [...pointer, String(key.value)];
  expect(inner, 'key', key);
  if (!yaml.isNode(value)) return;
  expect(inner, 'value', isBlock(value) ? key : value);
  visit(value, inner, expect);
}

/** Whether a node has block style or no text. */
function isBlock(node: yaml.Node): boolean {
  if (yaml.isCollection(node)) return node.flow !== true;
  return isLeftOut(node) || (yaml.isScalar(node) && /^BLOCK/.test(node.type ?? ''));
}

/** Left out, without even a tag or an anchor: for lastgood there is no such document. */
function isAbsent(node: yaml.Node): boolean {
  return isLeftOut(node) && node.tag === undefined && !('anchor' in node && node.anchor);
}

function isLeftOut(node: unknown): boolean {
  return yaml.isScalar(node) && node.source === '' && node.type === 'PLAIN';
}

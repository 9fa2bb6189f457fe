import { isDeepStrictEqual } from 'node:util';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { applyEdits, type Edit, inOrder } from './apply-edits.ts';
import type { Change } from './changes.ts';
import { editsOf } from './edit-text.ts';
import type { EditedPart } from './kept-edits.ts';
import { DIGEST, findPart, type Part } from './parts.ts';
import { annotationOf, type PlacedWorkload, type Stream } from './stream.ts';
import { nodeAt, type TextNode } from './text-nodes.ts';
import { findUndoingEdits, UNDO, writtenParts } from './undo.ts';

/** How to take lastgood out of a workload. */
export interface TakenOut {
  readonly edits: readonly Edit[];
  /** What a person had edited of it, by name. */
  readonly edited: ReadonlyMap<string, EditedPart>;
}

/**
 * Finds what inject wrote for a workload, with what a person has made of its parts. Undefined if anything
 * else of it has changed.
 */
export function takeOut(stream: Stream, placed: PlacedWorkload): TakenOut | undefined {
  const undo = annotationOf(placed.workload, UNDO) ?? '';
  const root = stream.nodeOf(placed.document);
  const object = root && nodeAt(root, placed.pointer);
  if (object?.start === undefined) return undefined;
  const written = writtenParts(undo);
  const parts = new Map(
    written.keys().flatMap((name): [string, Part][] => {
      const part = findPart(stream, placed, name);
      return part === undefined ? [] : [[name, part]];
    }),
  );
  const range = { start: object.start, end: object.end };
  const edits = findUndoingEdits(stream.text, undo, range, parts);
  return edits && { edits, edited: editedParts(stream, parts, written) };
}

/** The text without what several workloads have of lastgood. Undefined if it cannot be told apart. */
export function withoutEdits(text: string, edits: readonly Edit[]): string | undefined {
  const sorted = inOrder(edits);
  const overlap = sorted.some(({ start }, index) => start < (sorted[index - 1]?.end ?? 0));
  return overlap ? undefined : applyEdits(text, sorted);
}

function editedParts(
  { text, nodeOf }: Stream,
  parts: ReadonlyMap<string, Part>,
  written: ReadonlyMap<string, string>,
): TakenOut['edited'] {
  const edited = [...parts].flatMap(([name, part]): readonly (readonly [string, EditedPart])[] => {
    const before = written.get(name) ?? '';
    // The digest is never that of a person.
    if (name === DIGEST || text.slice(part.start, part.end) === before) return [];
    const value = readValue(before, text, part);
    if (value === undefined) return [];
    const root = nodeOf(part.document) as TextNode;
    const textWith = (next: unknown) => textOfPart(text, root, part, next);
    return [[name, { written: value, edited: part.value, textWith }]];
  });
  return new Map(edited);
}

/** The value of the text of a part, which begins in the middle of a line. Undefined if it has none. */
function readValue(written: string, text: string, { start }: Part): unknown {
  const column = start - (text.lastIndexOf('\n', start - 1) + 1);
  const parsed = yaml.parse(' '.repeat(column) + written);
  return parsed.ok && parsed.documents.length === 1 ? parsed.documents[0]?.value : undefined;
}

/** The text of a part once it has another value, if texts are all that changes. */
function textOfPart(text: string, root: TextNode, part: Part, value: unknown): string | undefined {
  const changes = changesBetween(part.value, value, part.pointer);
  const edits = changes?.map((change) => editsOf(text, root, change, changes));
  if (edits === undefined || !edits.every((each) => each !== undefined)) return undefined;
  const own = edits.flat().map((edit) => ({
    start: edit.start - part.start,
    end: edit.end - part.start,
    text: edit.text,
  }));
  const changed = applyEdits(text.slice(part.start, part.end), own);
  const isRight = isDeepStrictEqual(structuredClone(readValue(changed, text, part)), value);
  return isRight ? changed : undefined;
}

/** Undefined if more than texts differ. */
function changesBetween(from: unknown, to: unknown, at: Pointer): readonly Change[] | undefined {
  if (isDeepStrictEqual(structuredClone(from), to)) return [];
  if (typeof from === 'string' && typeof to === 'string')
    return to.includes('\n') ? undefined : [{ kind: 'replace', at, value: to }];
  const [own, other] = [entriesOf(from), entriesOf(to)];
  if (own === undefined || other === undefined) return undefined;
  if (!isDeepStrictEqual(Object.keys(own), Object.keys(other))) return undefined;
  const all = Object.keys(own).map((key) =>
    changesBetween(own[key], other[key], [...at, Array.isArray(from) ? Number(key) : key]),
  );
  return all.every((each) => each !== undefined) ? all.flat() : undefined;
}

function entriesOf(value: unknown): Mapping | undefined {
  return isMapping(value) || Array.isArray(value) ? (value as Mapping) : undefined;
}

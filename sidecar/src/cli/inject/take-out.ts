import { isDeepStrictEqual } from 'node:util';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import type { Change } from './changes.ts';
import { type Edit, editsOf } from './edit-text.ts';
import type { EditedPart } from './kept-edits.ts';
import { DIGEST, findPart, type Part } from './parts.ts';
import { annotationOf, type PlacedWorkload, readStream, type Stream } from './stream.ts';
import type { TextNode } from './text-nodes.ts';
import { UNDO, undoEdits, writtenParts } from './undo.ts';

/** A stream without lastgood in one of its workloads. */
export interface TakenOut {
  readonly text: string;
  /** What a person had edited of it, by name. */
  readonly edited: ReadonlyMap<string, EditedPart>;
}

/**
 * Takes lastgood out of a workload. Parts that a person has edited are first written as inject wrote them.
 * Undefined if anything else of it has changed.
 */
export function takeOut(stream: Stream, placed: PlacedWorkload): TakenOut | undefined {
  const undo = annotationOf(placed.workload, UNDO) ?? '';
  const edits: Edit[] = [];
  const parts = new Map<string, Part>();
  for (const [name, text] of writtenParts(undo)) {
    const part = findPart(stream, placed, name);
    if (part === undefined || stream.text.slice(part.start, part.end) === text) continue;
    parts.set(name, part);
    edits.push({ ...part, text });
  }
  const written = replaceRanges(stream.text, edits);
  const text = undoEdits(written, undo);
  if (text === undefined) return undefined;
  return { text, edited: editedParts(stream, placed, parts, written) };
}

/** Replaces parts of a text, which do not overlap. */
export function replaceRanges(text: string, edits: readonly Edit[]): string {
  const last = [...edits].sort((a, b) => b.start - a.start);
  return last.reduce(
    (all, { start, end, text: own }) => all.slice(0, start) + own + all.slice(end),
    text,
  );
}

function editedParts(
  stream: Stream,
  placed: PlacedWorkload,
  parts: ReadonlyMap<string, Part>,
  written: string,
): TakenOut['edited'] {
  const before = parts.size === 0 ? undefined : readStream(written, stream);
  if (before === undefined || 'findings' in before) return new Map();
  const workload = sameWorkload(before, placed);
  const edited = [...parts].flatMap(([name, part]): readonly (readonly [string, EditedPart])[] => {
    const own = workload && findPart(before, workload, name);
    // The digest is never that of a person.
    if (own === undefined || name === DIGEST) return [];
    const textWith = (value: unknown) => textOfPart(stream, placed, name, part, value);
    return [[name, { written: own.value, edited: part.value, textWith }]];
  });
  return new Map(edited);
}

/** The workload at the same place of a text that differs only in its parts. */
function sameWorkload(
  { workloads }: Stream,
  { document, pointer }: PlacedWorkload,
): PlacedWorkload | undefined {
  return workloads.find(
    (each) => each.document === document && isDeepStrictEqual(each.pointer, pointer),
  );
}

/** The text of a part once it has another value, if texts are all that changes. */
function textOfPart(
  stream: Stream,
  placed: PlacedWorkload,
  name: string,
  part: Part,
  value: unknown,
): string | undefined {
  const changes = changesBetween(part.value, value, part.pointer);
  const root = stream.nodeOf(part.document) as TextNode;
  const edits = changes?.map((change) => editsOf(stream.text, root, change, changes));
  if (edits === undefined || !edits.every((each) => each !== undefined)) return undefined;
  const changed = readStream(replaceRanges(stream.text, edits.flat()), stream);
  if ('findings' in changed) return undefined;
  const workload = sameWorkload(changed, placed);
  const found = workload && findPart(changed, workload, name);
  const isRight = found !== undefined && isDeepStrictEqual(structuredClone(found.value), value);
  return isRight ? changed.text.slice(found.start, found.end) : undefined;
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

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import type { Edit } from './edit-text.ts';
import type { TextNode } from './text-nodes.ts';

/** The annotations of an object that lastgood is injected into. */
export const INJECTED = 'lastgood.dev/injected';
export const UNDO = 'lastgood.dev/undo';

/** The annotation of the pods with a digest of the settings. */
export const SETTINGS_DIGEST = 'lastgood.dev/settings';

/** The value of `UNDO` until the edits are known, which include it. */
export const UNDO_PLACEHOLDER = 'how-lastgood-undoes-this';

/** One edit: where it is after the one before, and what it replaced. */
export interface UndoneEdit {
  readonly gap: number;
  /** The last characters of the gap, as far as they are those of the object. */
  readonly before: string;
  readonly inserted: string;
  readonly removed: string;
}

/** Which edit wrote a part, and where it is in what that edit inserted. */
type PartPlace = readonly [edit: number, start: number, end: number];

interface Undo {
  readonly edits: readonly UndoneEdit[];
  readonly parts: Readonly<Record<string, PartPlace>>;
}

const MAX_BEFORE = 24;

/**
 * Makes the edits, and tells how to undo them. In the draft the value of `UNDO` is still the placeholder.
 *
 * @param object - the one that gets the annotation, which repeats no character of another: that may be a
 *   Secret (P8)
 */
export function applyEdits(
  text: string,
  edits: readonly Edit[],
  { start: first = 0, end: last }: Pick<TextNode, 'start' | 'end'>,
): { readonly draft: string; readonly undone: readonly UndoneEdit[] } {
  // What is added before a part that is removed comes first.
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  const undone: UndoneEdit[] = [];
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text: inserted } of sorted) {
    const kept = text.slice(from, start);
    undone.push({
      gap: kept.length,
      before: start > last ? '' : text.slice(Math.max(from, first, start - MAX_BEFORE), start),
      inserted,
      removed: text.slice(start, end),
    });
    parts.push(kept, inserted);
    from = end;
  }
  return { draft: [...parts, text.slice(from)].join(''), undone };
}

/**
 * The value of `UNDO`.
 *
 * @param ranges - of the draft: parts that a person may edit, by name
 */
export function formatUndo(
  edits: readonly UndoneEdit[],
  ranges: ReadonlyMap<string, { readonly start: number; readonly end: number }>,
): string {
  const parts: Record<string, PartPlace> = {};
  let at = 0;
  edits.forEach(({ gap, inserted }, index) => {
    const from = at + gap;
    at = from + inserted.length;
    for (const [name, { start, end }] of ranges)
      if (start >= from && end <= at) parts[name] = [index, start - from, end - from];
  });
  const undo: Undo = { edits, parts };
  return `v1.${deflateRawSync(JSON.stringify(undo)).toString('base64url')}`;
}

/** What inject wrote as the parts that a person may edit, by name. */
export function writtenParts(undo: string): ReadonlyMap<string, string> {
  const { edits, parts } = readUndo(undo) ?? { edits: [], parts: {} };
  return new Map(
    Object.entries(parts).map(([name, [edit, start, end]]) => [
      name,
      edits[edit]?.inserted.slice(start, end) ?? '',
    ]),
  );
}

/** The text before the edits. Undefined if what they wrote is not there any more. */
export function undoEdits(text: string, undo: string): string | undefined {
  const undone = readUndo(undo);
  if (undone === undefined) return undefined;
  let rest = text;
  const parts: string[] = [];
  for (const { gap, before, inserted, removed } of undone.edits) {
    const written = inserted.replace(UNDO_PLACEHOLDER, undo);
    const at = findWritten(rest, written, before, gap);
    if (at === undefined) return undefined;
    parts.push(rest.slice(0, at), removed);
    rest = rest.slice(at + written.length);
  }
  const before = [...parts, rest].join('');
  // It takes out its own annotation too, and so ends.
  return countOf(before, undo) < countOf(text, undo) ? before : undefined;
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

/**
 * Where it was written, or, if what is around it has changed, the only place where it is: behind the same
 * characters, or anywhere.
 */
function findWritten(
  text: string,
  written: string,
  before: string,
  gap: number,
): number | undefined {
  const known = before + written;
  if (text.startsWith(known, gap - before.length)) return gap;
  const behind = findOnce(text, known);
  if (behind !== undefined) return behind + before.length;
  return written === '' ? undefined : findOnce(text, written);
}

/** Undefined if it is not there, or more than once. */
function findOnce(text: string, wanted: string): number | undefined {
  const at = text.indexOf(wanted);
  return at === -1 || text.includes(wanted, at + 1) ? undefined : at;
}

const MAX_UNDO_BYTES = 2 ** 20;

/** Undefined if it is not what inject has written: anyone may write an annotation. */
function readUndo(undo: string): Undo | undefined {
  const [, payload] = /^v1\.([\w-]+)$/.exec(undo) ?? [];
  if (payload === undefined) return undefined;
  const read = tryTo((): unknown => {
    const limit = { maxOutputLength: MAX_UNDO_BYTES };
    return JSON.parse(inflateRawSync(Buffer.from(payload, 'base64url'), limit).toString());
  });
  if (!isMapping(read) || !isMapping(read.parts) || !Array.isArray(read.edits)) return undefined;
  const { edits, parts } = read;
  const areValid = edits.every(isUndoneEdit) && Object.values(parts).every(isPartPlace);
  return areValid ? (read as unknown as Undo) : undefined;
}

function isPartPlace(value: unknown): value is PartPlace {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}

function isUndoneEdit(value: unknown): value is UndoneEdit {
  if (!isMapping(value)) return false;
  const texts = [value.before, value.inserted, value.removed];
  return typeof value.gap === 'number' && texts.every((each) => typeof each === 'string');
}

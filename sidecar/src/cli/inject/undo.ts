import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import type { Edit } from './apply-edits.ts';

/** The annotations of an object that lastgood is injected into. */
export const INJECTED = 'lastgood.dev/injected';
export const UNDO = 'lastgood.dev/undo';

/** The annotation of the pods with a digest of the settings. */
export const SETTINGS_DIGEST = 'lastgood.dev/settings';

/** The value of `UNDO` until the edits are known, which include it. */
export const UNDO_PLACEHOLDER = 'how-lastgood-undoes-this';

/** One edit: where it is, and what it replaced. */
export interface UndoneEdit {
  /**
   * Behind the edit before it; of the first one, behind the start of the object. Undefined: outside of the
   * object.
   */
  readonly gap?: number | undefined;
  /** The last characters of the gap, as far as they are those of the object. */
  readonly before: string;
  readonly inserted: string;
  readonly removed: string;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Which edit wrote a part, and where it is in what that edit inserted. */
type PartPlace = readonly [edit: number, start: number, end: number];

interface Undo {
  readonly edits: readonly UndoneEdit[];
  readonly parts: Readonly<Record<string, PartPlace>>;
}

const MAX_BEFORE = 24;

/**
 * How to undo the edits of an object, and those outside of it.
 *
 * @param object - the start of the one that gets the annotation, which repeats no character of another: that
 *   may be a Secret (P8)
 * @param own - in order
 */
export function undoneEdits(
  text: string,
  object: number,
  own: readonly Edit[],
  outside: readonly Edit[],
): readonly UndoneEdit[] {
  const undone = own.map(({ start, end, text: inserted }, index): UndoneEdit => {
    const from = own[index - 1]?.end ?? object;
    const before = text.slice(Math.max(from, start - MAX_BEFORE), start);
    return { gap: start - from, before, inserted, removed: text.slice(start, end) };
  });
  const others = outside.map(({ text: inserted }) => ({ before: '', inserted, removed: '' }));
  return [...undone, ...others];
}

/**
 * The value of `UNDO`.
 *
 * @param ranges - where the texts of the edits are in a draft
 * @param parts - where the parts are that a person may edit, by name
 */
export function formatUndo(
  edits: readonly UndoneEdit[],
  ranges: readonly Range[],
  parts: ReadonlyMap<string, Range>,
): string {
  const places: Record<string, PartPlace> = {};
  ranges.forEach((range, index) => {
    for (const [name, { start, end }] of parts)
      if (start >= range.start && end <= range.end)
        places[name] = [index, start - range.start, end - range.start];
  });
  const undo: Undo = { edits, parts: places };
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

/**
 * The edits that take out what inject wrote, with what a person has made of its parts. Undefined if
 * anything else of it is not there any more.
 *
 * @param object - where the object is
 * @param parts - where its parts are, by name
 */
export function findUndoingEdits(
  text: string,
  undo: string,
  object: Range,
  parts: ReadonlyMap<string, Range>,
): readonly Edit[] | undefined {
  const { edits, parts: places } = readUndo(undo) ?? { edits: [], parts: {} };
  // It takes out its own annotation too.
  if (!edits.some(({ inserted }) => inserted.includes(UNDO_PLACEHOLDER))) return undefined;
  const found: Edit[] = [];
  let last = object.start;
  for (const [index, { gap, before, inserted, removed }] of edits.entries()) {
    const own = Object.entries(places).flatMap(([name, [edit, start, end]]) => {
      const now = edit === index ? parts.get(name) : undefined;
      return now === undefined ? [] : { start, end, now };
    });
    const { written, at } = currentText(text, inserted, undo, own);
    const start = findWritten({ text, written, before, object, at, next: last + (gap ?? 0) });
    if (start === undefined) return undefined;
    const end = start + written.length;
    if (removed !== '' && written !== '' && !isWhole(text, start, end)) return undefined;
    found.push({ start, end, text: removed });
    if (gap !== undefined) last = end;
  }
  return found;
}

/** The text of an edit with its parts as they are now, and where it must be, if it has any. */
function currentText(
  text: string,
  inserted: string,
  undo: string,
  parts: readonly (Range & { readonly now: Range })[],
): { readonly written: string; readonly at: number | undefined } {
  const copy = (from: number, to?: number) =>
    inserted.slice(from, to).replace(UNDO_PLACEHOLDER, undo);
  let written = '';
  let from = 0;
  let at: number | undefined;
  for (const { start, end, now } of parts.toSorted((a, b) => a.start - b.start)) {
    written += copy(from, start);
    at ??= now.start - written.length;
    written += text.slice(now.start, now.end);
    from = end;
  }
  return { written: written + copy(from), at };
}

interface Wanted {
  readonly text: string;
  readonly written: string;
  readonly before: string;
  readonly object: Range;
  readonly at: number | undefined;
  readonly next: number;
}

/**
 * Where it was written, or, if what is around it has changed, the only place where it is: behind the same
 * characters in the object, or anywhere.
 */
function findWritten({ text, written, before, object, at, next }: Wanted): number | undefined {
  if (at !== undefined && text.startsWith(written, at)) return at;
  const known = before + written;
  if (text.startsWith(known, next - before.length)) return next;
  const lineEnd = text.indexOf('\n', object.end);
  const inside = text.slice(object.start, lineEnd === -1 ? text.length : lineEnd + 1);
  const behind = findOnce(inside, known);
  if (behind !== undefined) return object.start + behind + before.length;
  return written === '' ? undefined : findOnce(text, written);
}

/** Whether a value is as it was written, and not a part of what a person has made of it. */
function isWhole(text: string, start: number, end: number): boolean {
  return /[\s:,[{]/.test(text[start - 1] ?? ' ') && /[\s,\]}]/.test(text[end] ?? ' ');
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
  return (
    (value.gap === undefined || typeof value.gap === 'number') &&
    texts.every((each) => typeof each === 'string')
  );
}

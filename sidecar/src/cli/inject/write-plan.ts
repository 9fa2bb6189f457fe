import { isSameObject } from '../manifests/objects.ts';
import { applyEdits, type Edit } from './apply-edits.ts';
import { type Draft, draftOf, type PlannedText, planText, streamWith, unedited } from './draft.ts';
import type { EditedParts } from './kept-edits.ts';
import type { InjectOptions } from './options.ts';
import type { Part } from './parts.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { settingsName } from './sidecar-container.ts';
import { type PlacedWorkload, readStream, type Stream } from './stream.ts';
import { takeOut, withoutEdits } from './take-out.ts';
import { formatUndo, UNDO_PLACEHOLDER, undoneEdits } from './undo.ts';

/** A plan, and the same with what a person has edited. */
export interface EditedPlan {
  readonly plan: Plan;
  readonly edited: Plan;
  readonly parts: EditedParts;
}

/** A workload, and what is planned for it. */
export interface PlacedPlan extends EditedPlan {
  readonly placed: PlacedWorkload;
}

/** Why something cannot be written for a workload. */
interface PlacedProblem {
  readonly placed: PlacedWorkload;
  readonly problem: Problem;
}

/**
 * Writes what is planned for workloads into their stream, all at once: the work grows with the stream, and
 * not with its square. Or tells what cannot be written without a change of anything else. What the
 * annotation for uninject tells is without the edits of a person.
 */
export function writePlans(
  stream: Stream,
  plans: readonly PlacedPlan[],
  options: InjectOptions,
): { readonly text: string } | { readonly problems: readonly PlacedProblem[] } {
  if (plans.length === 0) return { text: stream.text };
  const problems: PlacedProblem[] = [...takenSettings(stream, plans)];
  const texts: PlacedText[] = [];
  const taken = new Set(problems.map(({ placed }) => placed));
  for (const { placed, plan, edited, parts } of plans) {
    if (taken.has(placed)) continue;
    const written = planText(stream, placed, plan, options);
    const other = edited === plan ? written : planText(stream, placed, edited, options);
    if ('code' in written) problems.push({ placed, problem: written });
    else if ('code' in other) problems.push({ placed, problem: other });
    else texts.push({ written, edited: other, parts });
  }
  const text = write(stream, texts);
  if (text === undefined)
    for (const { written } of unwritable(stream, texts))
      problems.push({ placed: written.placed, problem: unedited(written.placed, []) });
  return text === undefined || problems.length > 0 ? { problems } : { text };
}

interface PlacedText {
  readonly written: PlannedText;
  readonly edited: PlannedText;
  readonly parts: EditedParts;
}

/** Those whose ConfigMap is there already. */
function takenSettings(stream: Stream, plans: readonly PlacedPlan[]): readonly PlacedProblem[] {
  const added = new Map<string, (string | undefined)[]>();
  return plans.flatMap(({ placed, plan }) => {
    if (plan.settings === undefined) return [];
    const { shownName, name: ofWorkload, object } = placed.workload;
    const name = settingsName(ofWorkload);
    const wanted = { kind: 'ConfigMap', name, namespace: object.namespace };
    const others = added.getOrInsert(name, []);
    const isTaken =
      stream.configMaps.get(name)?.some((each) => isSameObject(each.object, wanted)) ||
      others.some((namespace) => isSameObject({ ...wanted, namespace }, wanted));
    others.push(object.namespace);
    const args = [shownName, 'ConfigMap', name];
    return isTaken ? [{ placed, problem: { code: 'LG_INJECT_TAKEN', args, pointer: [] } }] : [];
  });
}

/** Enough to look at, of more that nothing is known about but that they cannot be written. */
const MAX_UNWRITABLE = 10;

/** Which of the texts cannot be written, by halves: most of them can. */
function unwritable(stream: Stream, texts: readonly PlacedText[]): readonly PlacedText[] {
  const found: PlacedText[] = [];
  const search = (those: readonly PlacedText[], isKnown: boolean) => {
    if (found.length === MAX_UNWRITABLE) return;
    if (!isKnown && write(stream, those) !== undefined) return;
    const before = found.length;
    const half = Math.ceil(those.length / 2);
    if (half < those.length)
      for (const each of [those.slice(0, half), those.slice(half)]) search(each, false);
    // Only together can they not be written.
    if (found.length === before) found.push(...those.slice(0, 1));
  };
  search(texts, true);
  return found;
}

/** The text with all of them. Undefined if it would not be what it should, or not be taken out again. */
function write(stream: Stream, texts: readonly PlacedText[]): string | undefined {
  const draft = draftOf(
    stream,
    texts.map(({ written }) => written),
  );
  if (draft === undefined) return undefined;
  const own = ownParts(stream, texts, draft);
  if (own === undefined) return undefined;
  const undo = texts.flatMap(({ written }, index) => undoEdit(stream, draft, written, index));
  const text = applyEdits(draft.read.text, [...own, ...undo]);
  const read = readStream(text);
  return !('findings' in read) && isUndone(stream, read, texts) ? text : undefined;
}

/** Writes the annotation for uninject in place of its placeholder. */
function undoEdit(
  { text }: Stream,
  { startOf, parts }: Draft,
  { own, outside, start: object }: PlannedText,
  index: number,
): Edit {
  const all = [...own, ...outside];
  const ranges = all.map((edit) => {
    const start = startOf.get(edit) as number;
    return { start, end: start + edit.text.length };
  });
  const undone = undoneEdits(text, object, own, outside);
  const holder = own.find((edit) => edit.text.includes(UNDO_PLACEHOLDER)) as Edit;
  const start = (startOf.get(holder) as number) + holder.text.indexOf(UNDO_PLACEHOLDER);
  const value = formatUndo(undone, ranges, parts[index] as ReadonlyMap<string, Part>);
  return { start, end: start + UNDO_PLACEHOLDER.length, text: value };
}

/** The parts of persons, in the words of the person where those still hold. */
function ownParts(
  stream: Stream,
  texts: readonly PlacedText[],
  draft: Draft,
): readonly Edit[] | undefined {
  if (texts.every(({ parts }) => parts.size === 0)) return [];
  const other = draftOf(
    stream,
    texts.map(({ edited }) => edited),
  );
  if (other === undefined) return undefined;
  const editsWith = (textOf: (name: string, part: Part, own: EditedParts) => string | undefined) =>
    texts.flatMap(({ parts: own }, index) => {
      const [before, after] = [draft, other].map(
        ({ parts }) => parts[index] as Draft['parts'][0],
      ) as [Draft['parts'][0], Draft['parts'][0]];
      if (own.size === 0) return [];
      return [...after].map(([name, part]): Edit => {
        const { start, end } = before.get(name) as Part;
        const text = textOf(name, part, own) ?? other.read.text.slice(part.start, part.end);
        return { start, end, text };
      });
    });
  const inOwnWords = (name: string, { value }: Part, own: EditedParts) =>
    own.get(name)?.textWith(structuredClone(value));
  return [inOwnWords, () => undefined]
    .map(editsWith)
    .find((edits) => streamWith(applyEdits(draft.read.text, edits), other.values) !== undefined);
}

/** Whether uninject gives back the bytes. */
function isUndone(stream: Stream, read: Stream, texts: readonly PlacedText[]): boolean {
  const wanted = new Set(texts.map(({ written }) => written.placed));
  const taken = read.workloads
    .filter((_, index) => wanted.has(stream.workloads[index] as PlacedWorkload))
    .map((placed) => takeOut(read, placed));
  if (!taken.every((each) => each !== undefined)) return false;
  const edits = taken.flatMap((each) => each.edits);
  return withoutEdits(read.text, edits) === stream.text;
}

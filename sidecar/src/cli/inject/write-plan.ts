import { isDeepStrictEqual } from 'node:util';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { dump } from 'js-yaml';
import { isSameObject, objectAt, rootsOf } from '../manifests/objects.ts';
import { applyChanges, type Change, mergeSets, prepend, setKeys } from './changes.ts';
import { type Edit, editsOf } from './edit-text.ts';
import { writeFlow } from './flow-text.ts';
import type { EditedParts } from './kept-edits.ts';
import type { InjectOptions } from './options.ts';
import { findPart, type Part } from './parts.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { settingsName } from './sidecar-container.ts';
import { type PlacedWorkload, readStream, type Stream, workloadKey } from './stream.ts';
import { replaceRanges, takeOut } from './take-out.ts';
import { nodeAt, type TextNode } from './text-nodes.ts';
import {
  applyEdits,
  formatUndo,
  INJECTED,
  UNDO,
  UNDO_PLACEHOLDER,
  type UndoneEdit,
} from './undo.ts';

/** A plan, and the same with what a person has edited. */
export interface EditedPlan {
  readonly plan: Plan;
  readonly edited: Plan;
  readonly parts: EditedParts;
}

/**
 * Writes what is planned for a workload into its stream, or tells why it cannot be written without a
 * change of anything else. What the annotation for uninject tells is without the edits of a person.
 */
export function writePlan(
  stream: Stream,
  placed: PlacedWorkload,
  { plan, edited, parts }: EditedPlan,
  options: InjectOptions,
): Stream | Problem {
  const written = draftPlan(stream, placed, plan, options);
  if (!('draft' in written)) return written;
  const undo = formatUndo(written.undone, written.parts);
  const draft =
    parts.size === 0
      ? written.draft
      : draftWithEdits(stream, placed, written, { edited, parts }, options);
  if (typeof draft !== 'string') return draft;
  const text = draft.replace(UNDO_PLACEHOLDER, undo);
  const read = readStream(text, written.read);
  const isUndone = !('findings' in read) && uninjected(read, placed) === stream.text;
  return isUndone ? read : unedited(placed, []);
}

interface Draft {
  readonly draft: string;
  readonly read: Stream;
  readonly undone: readonly UndoneEdit[];
  readonly values: readonly unknown[];
  readonly parts: ReadonlyMap<string, Part>;
}

/** The text of the plan, in which the annotation for uninject is still a placeholder. */
function draftPlan(
  stream: Stream,
  placed: PlacedWorkload,
  { changes, settings: object, parts: names }: Plan,
  options: InjectOptions,
): Draft | Problem {
  const { text, documents } = stream;
  const { workload, document, pointer } = placed;
  if (object !== undefined && hasConfigMap(stream, object.metadata as Named)) {
    const args = [workload.shownName, 'ConfigMap', settingsName(workload.name)];
    return { code: 'LG_INJECT_TAKEN', args, pointer: [] };
  }
  const annotations = { [INJECTED]: options.version, [UNDO]: UNDO_PLACEHOLDER };
  const own = [setKeys(workload.value, ['metadata', 'annotations'], annotations), ...changes];
  const root = documents[document]?.value;
  const isList = pointer.length > 0;
  const all = mergeSets([
    ...own.map((change): Change => ({ ...change, at: [...pointer, ...change.at] })),
    ...(object !== undefined && stream.isJson && isList
      ? [prepend(root, ['items'], [object])]
      : []),
  ]);
  const node = stream.nodeOf(document) as TextNode;
  const edits: Edit[] = [];
  for (const change of all) {
    const made = editsOf(text, node, change, all);
    if (made === undefined) return unedited(placed, change.at.slice(pointer.length));
    edits.push(...made);
  }
  const changed = applyChanges(root, all);
  const values: unknown[] = documents.map(({ value }) => value);
  values[document] = changed;
  if (object !== undefined && !(stream.isJson && isList)) {
    edits.push(...(stream.isJson ? wrapEdits(stream, node, object) : [appendEdit(stream, object)]));
    if (stream.isJson) values[document] = { ...LIST, items: [changed, object] };
    else values.push(object);
  }
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const broken = edits.map((edit) => ({ ...edit, text: edit.text.replaceAll('\n', lineBreak) }));
  const result = applyEdits(text, broken, nodeAt(node, pointer) ?? node);
  const read = streamWith(result.draft, values, stream);
  const again = read && placedAgain(read, placed);
  if (read === undefined || again === undefined) return unedited(placed, []);
  const parts = names.flatMap((name) => {
    const part = findPart(read, again, name);
    return part === undefined ? [] : [[name, part] as const];
  });
  return { ...result, read, values, parts: new Map(parts) };
}

/** The draft with the parts of a person, in the words of the person where those still hold. */
function draftWithEdits(
  stream: Stream,
  placed: PlacedWorkload,
  { draft, parts: written }: Draft,
  { edited, parts }: Omit<EditedPlan, 'plan'>,
  options: InjectOptions,
): string | Problem {
  const other = draftPlan(stream, placed, edited, options);
  if (!('draft' in other)) return other;
  const partsWith = (textOf: (name: string, part: Part) => string | undefined) =>
    [...other.parts].flatMap(([name, part]): readonly Edit[] => {
      const { start, end } = written.get(name) as Part;
      return [{ start, end, text: textOf(name, part) ?? other.draft.slice(part.start, part.end) }];
    });
  const inOwnWords = (name: string, { value }: Part) =>
    parts.get(name)?.textWith(structuredClone(value));
  const texts = [inOwnWords, () => undefined].map((textOf) =>
    replaceRanges(draft, partsWith(textOf)),
  );
  return (
    texts.find((text) => streamWith(text, other.values, stream) !== undefined) ??
    unedited(placed, [])
  );
}

/** The workload of a text after a ConfigMap was added, which may have made a list of it, or come before. */
function placedAgain({ workloads }: Stream, placed: PlacedWorkload): PlacedWorkload | undefined {
  return workloads.find((each) => workloadKey(each) === workloadKey(placed));
}

function uninjected(stream: Stream, placed: PlacedWorkload): string | undefined {
  const again = placedAgain(stream, placed);
  return again && takeOut(stream, again)?.text;
}

function hasConfigMap({ documents }: Stream, { name, namespace }: Named): boolean {
  const wanted = { kind: 'ConfigMap', name, namespace };
  return documents.some((each) =>
    rootsOf(each.value).some((root) => {
      const object = objectAt('', each, root);
      return object !== undefined && isSameObject(object, wanted);
    }),
  );
}

function unedited({ workload }: PlacedWorkload, pointer: Pointer): Problem {
  return { code: 'LG_INJECT_TEXT', args: [workload.shownName], pointer };
}

/** A text that has these values: the edits did what they should, and nothing else. */
function streamWith(
  text: string,
  expected: readonly unknown[],
  before: Stream,
): Stream | undefined {
  const stream = readStream(text, before);
  if ('findings' in stream) return undefined;
  const { documents } = stream;
  const isSame = documents.every(({ value }, index) => isSameValue(value, expected[index]));
  return isSame && documents.length === expected.length ? stream : undefined;
}

/** A document that was not read again has the very value from before. */
function isSameValue(one: unknown, other: unknown): boolean {
  return one === other || isDeepStrictEqual(structuredClone(one), structuredClone(other));
}

interface Named {
  readonly name: string;
  readonly namespace?: string | undefined;
}

const LIST = { apiVersion: 'v1', kind: 'List' };

/** JSON has one document: a list of both objects. */
function wrapEdits(
  { text }: Stream,
  { start = 0, end }: TextNode,
  object: object,
): readonly Edit[] {
  const isOneLine = !text.slice(start, end).includes('\n');
  const unit = isOneLine ? undefined : '  ';
  const head = JSON.stringify({ ...LIST, items: [] }).slice(0, -2);
  const written = writeFlow(object, { indent: '', unit, kyaml: false });
  const gap = isOneLine ? '' : '\n';
  return [
    { start, end: start, text: `${head}${gap}` },
    { start: end, end, text: `,${gap}${written}${gap}]}` },
  ];
}

function appendEdit({ text, documents, nodeOf }: Stream, object: object): Edit {
  const isKyaml = nodeOf(documents.length - 1)?.flow === true;
  const written = isKyaml
    ? `${writeFlow(object, { indent: '', unit: '  ', kyaml: true })}\n`
    : dump(object, { lineWidth: -1, noRefs: true });
  const added = `---\n${written}`;
  // Without a line break at its end, as before: so each of several can be taken out first.
  const isClosed = text === '' || text.endsWith('\n');
  return { start: text.length, end: text.length, text: isClosed ? added : `\n${added.trimEnd()}` };
}

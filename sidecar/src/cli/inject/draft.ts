import { isDeepStrictEqual } from 'node:util';
import type { Mapping } from '@lastgood/core/model/mapping.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { dump } from 'js-yaml';
import { type Edit, inOrder, placeEdits } from './apply-edits.ts';
import { applyChanges, type Change, mergeSets, prepend, setKeys } from './changes.ts';
import { editsOf } from './edit-text.ts';
import { writeFlow } from './flow-text.ts';
import type { InjectOptions } from './options.ts';
import { findPart, type Part } from './parts.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { type PlacedWorkload, readStream, type Stream } from './stream.ts';
import { nodeAt, type TextNode } from './text-nodes.ts';
import { INJECTED, UNDO, UNDO_PLACEHOLDER } from './undo.ts';

/** What a plan changes in the text of its stream. */
export interface PlannedText {
  readonly placed: PlacedWorkload;
  /** In the document of the workload. */
  readonly changes: readonly Change[];
  readonly settings: Mapping | undefined;
  /** In the object, in order. */
  readonly own: readonly Edit[];
  /** For the settings. */
  readonly outside: readonly Edit[];
  /** The names of the parts that a person may edit. */
  readonly parts: readonly string[];
  /** Where the object begins. */
  readonly start: number;
}

/**
 * The edits of a plan, or why there are none without a change of anything else. The annotation for uninject
 * is still a placeholder.
 */
export function planText(
  stream: Stream,
  placed: PlacedWorkload,
  { changes, settings, parts }: Plan,
  { version }: InjectOptions,
): PlannedText | Problem {
  const { text, documents } = stream;
  const { workload, document, pointer } = placed;
  const annotations = { [INJECTED]: version, [UNDO]: UNDO_PLACEHOLDER };
  const all = mergeSets([
    setKeys(workload.value, ['metadata', 'annotations'], annotations),
    ...changes,
  ]);
  const placedChanges = all.map(
    (change): Change => ({ ...change, at: [...pointer, ...change.at] }),
  );
  const root = stream.nodeOf(document) as TextNode;
  const own: Edit[] = [];
  for (const change of placedChanges) {
    const made = editsOf(text, root, change, placedChanges);
    if (made === undefined) return unedited(placed, change.at.slice(pointer.length));
    own.push(...made);
  }
  const added =
    settings === undefined
      ? []
      : settingsEdits(stream, root, documents[document]?.value, placed, settings);
  if (added === undefined) return unedited(placed, []);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const broken = (edit: Edit) => ({ ...edit, text: edit.text.replaceAll('\n', lineBreak) });
  const { start } = nodeAt(root, pointer) ?? root;
  return {
    placed,
    changes: placedChanges,
    settings,
    own: inOrder(own.map(broken)),
    outside: added.map(broken),
    parts,
    start: start ?? 0,
  };
}

/** Why a workload cannot be changed without a change of anything else. */
export function unedited({ workload }: PlacedWorkload, pointer: Pointer): Problem {
  return { code: 'LG_INJECT_TEXT', args: [workload.shownName], pointer };
}

/** A text with the edits of several plans, and what it reads as. */
export interface Draft {
  readonly read: Stream;
  /** What its documents must read as. */
  readonly values: readonly unknown[];
  readonly startOf: ReadonlyMap<Edit, number>;
  /** Of each plan. */
  readonly parts: readonly ReadonlyMap<string, Part>[];
}

/** Undefined if the text would read as anything else than what is planned. */
export function draftOf(stream: Stream, plans: readonly PlannedText[]): Draft | undefined {
  // What is below all of the text is behind the edits of its last line.
  const edits = [...plans.flatMap(({ own }) => own), ...plans.flatMap(({ outside }) => outside)];
  const { text, startOf } = placeEdits(stream.text, edits);
  const values = valuesWith(stream, plans);
  const read = streamWith(text, values);
  if (read === undefined || read.workloads.length !== stream.workloads.length) return undefined;
  const indices = new Map(stream.workloads.map((placed, index) => [placed, index]));
  const parts = plans.map(({ placed, parts: names }) => {
    const again = read.workloads[indices.get(placed) ?? -1] as PlacedWorkload;
    const found = names.flatMap((name): [string, Part][] => {
      const part = findPart(read, again, name);
      return part === undefined ? [] : [[name, part]];
    });
    return new Map(found);
  });
  return { read, values, startOf, parts };
}

/** A text that has these values: the edits did what they should, and nothing else. */
export function streamWith(text: string, expected: readonly unknown[]): Stream | undefined {
  const stream = readStream(text);
  if ('findings' in stream || stream.documents.length !== expected.length) return undefined;
  const isSame = stream.documents.every(({ value }, index) =>
    isDeepStrictEqual(structuredClone(value), structuredClone(expected[index])),
  );
  return isSame ? stream : undefined;
}

const LIST = { apiVersion: 'v1', kind: 'List' };

function valuesWith(
  { documents, isJson }: Stream,
  plans: readonly PlannedText[],
): readonly unknown[] {
  const byDocument = Map.groupBy(plans, ({ placed }) => placed.document);
  const settings = plans.flatMap((plan) => plan.settings ?? []);
  const values = documents.map(({ value }, index) => {
    const own = byDocument.get(index) ?? [];
    if (own.length === 0) return value;
    const changes = own.flatMap((plan) => plan.changes);
    const isList = own.some(({ placed }) => placed.pointer.length > 0);
    if (!isJson || settings.length === 0) return applyChanges(value, changes);
    return isList
      ? applyChanges(value, [...changes, prepend(value, ['items'], settings)])
      : { ...LIST, items: [applyChanges(value, changes), ...settings] };
  });
  return isJson ? values : [...values, ...settings];
}

function settingsEdits(
  stream: Stream,
  root: TextNode,
  value: unknown,
  { pointer }: PlacedWorkload,
  settings: object,
): readonly Edit[] | undefined {
  if (!stream.isJson) return [appendEdit(stream, settings)];
  if (pointer.length === 0) return wrapEdits(stream, root, settings);
  const change = prepend(value, ['items'], [settings]);
  return editsOf(stream.text, root, change, [change]);
}

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

import { isDeepStrictEqual } from 'node:util';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { dump } from 'js-yaml';
import { isSameObject, objectsOf } from '../manifests/objects.ts';
import { applyChanges, type Change, mergeSets, prepend, setKeys } from './changes.ts';
import { type Edit, editsOf } from './edit-text.ts';
import { writeFlow } from './flow-text.ts';
import type { InjectOptions } from './options.ts';
import type { Plan } from './plan.ts';
import type { Problem } from './problem.ts';
import { settingsName } from './sidecar-container.ts';
import { type PlacedWorkload, readStream, type Stream } from './stream.ts';
import { nodeAt, type TextNode } from './text-nodes.ts';
import { applyEdits, INJECTED, UNDO, UNDO_PLACEHOLDER, undoEdits } from './undo.ts';

/**
 * Writes what is planned for a workload into its stream: the text, or why it cannot be written without a
 * change of anything else.
 */
export function writePlan(
  stream: Stream,
  placed: PlacedWorkload,
  { changes, settings }: Plan,
  options: InjectOptions,
): string | Problem {
  const { text, nodes, documents } = stream;
  const { workload, document, pointer } = placed;
  const object = settings === undefined ? undefined : settingsObject(placed, settings, options);
  if (object !== undefined && hasConfigMap(stream, object.metadata)) {
    const args = [workload.shownName, 'ConfigMap', object.metadata.name];
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
  const node = nodes[document] as TextNode;
  const edits: Edit[] = [];
  for (const change of all) {
    const made = editsOf(text, node, change, all);
    if (made === undefined) return unedited(workload.shownName, change.at.slice(pointer.length));
    edits.push(...made);
  }
  const changed = applyChanges(root, all);
  const expected: unknown[] = documents.map(({ value }) => value);
  expected[document] = changed;
  if (object !== undefined && !(stream.isJson && isList)) {
    edits.push(...(stream.isJson ? wrapEdits(stream, node, object) : [appendEdit(stream, object)]));
    if (stream.isJson) expected[document] = { ...LIST, items: [changed, object] };
    else expected.push(object);
  }
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const written = edits.map((edit) => ({ ...edit, text: edit.text.replaceAll('\n', lineBreak) }));
  const result = applyEdits(text, written, nodeAt(node, pointer) ?? node);
  const isExact = hasValues(result.draft, expected) && undoEdits(result.text, result.undo) === text;
  return isExact ? result.text : unedited(workload.shownName, []);
}

function hasConfigMap({ documents }: Stream, { name, namespace }: Named): boolean {
  const wanted = { kind: 'ConfigMap', name, namespace };
  return objectsOf('', '', documents).some((each) => isSameObject(each, wanted));
}

function unedited(shownName: string, pointer: Pointer): Problem {
  return { code: 'LG_INJECT_TEXT', args: [shownName], pointer };
}

/** Whether the edits did what they should, and nothing else. */
function hasValues(text: string, expected: readonly unknown[]): boolean {
  const stream = readStream(text);
  if ('findings' in stream) return false;
  const values = stream.documents.map(({ value }) => value);
  return isDeepStrictEqual(structuredClone(values), structuredClone(expected));
}

interface Named {
  readonly name: string;
  readonly namespace?: string | undefined;
}

function settingsObject(
  { workload }: PlacedWorkload,
  settings: string,
  { version }: InjectOptions,
) {
  const { namespace } = workload.object;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: settingsName(workload.name),
      ...(namespace === undefined ? {} : { namespace }),
      annotations: { [INJECTED]: version },
    },
    data: { 'lastgood.yaml': settings },
  };
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

function appendEdit({ text, nodes }: Stream, object: object): Edit {
  const isKyaml = nodes.at(-1)?.flow === true;
  const written = isKyaml
    ? `${writeFlow(object, { indent: '', unit: '  ', kyaml: true })}\n`
    : dump(object, { lineWidth: -1, noRefs: true });
  const added = `---\n${written}`;
  // Without a line break at its end, as before: so each of several can be taken out first.
  const isClosed = text === '' || text.endsWith('\n');
  return { start: text.length, end: text.length, text: isClosed ? added : `\n${added.trimEnd()}` };
}

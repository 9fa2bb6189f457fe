import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { isSameObject, itemsAt, textAt } from '../manifests/objects.ts';
import { SIDECAR, settingsName } from './sidecar-container.ts';
import type { ObjectPlace, PlacedWorkload, Stream } from './stream.ts';
import { nodeAt, type TextNode } from './text-nodes.ts';
import { INJECTED, SETTINGS_DIGEST } from './undo.ts';

/** The ConfigMap with the settings. */
export const SETTINGS = 'ConfigMap';

/** The annotation of the pods that follows the settings. */
export const DIGEST = 'digest';

/** The item of a list of the pod, such as `volumes.lastgood-state`. */
export function itemPart(list: 'initContainers' | 'volumes', name: string): string {
  return `${list}.${name}`;
}

/** The container of lastgood. */
export const CONTAINER = itemPart('initContainers', SIDECAR);

/** A part of what inject writes that a person may edit, in a stream. */
export interface Part extends ObjectPlace {
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

/** The part of a workload with this name. Undefined: it is not there. */
export function findPart(stream: Stream, placed: PlacedWorkload, name: string): Part | undefined {
  const place = placeOfPart(stream, placed, name);
  if (place === undefined) return undefined;
  const root = stream.nodeOf(place.document);
  const node = root && nodeAt(root, place.pointer);
  if (node?.start === undefined) return undefined;
  const value = valueAt(stream.documents[place.document]?.value, place.pointer);
  return { ...place, value, ...rangeOf(stream, place.pointer, node) };
}

function placeOfPart(
  stream: Stream,
  { workload, document, pointer }: PlacedWorkload,
  name: string,
): ObjectPlace | undefined {
  if (name === SETTINGS) return settingsPlace(stream, workload.object.namespace, workload.name);
  if (name === DIGEST) {
    const annotation = [...workload.template, 'metadata', 'annotations', SETTINGS_DIGEST];
    return { document, pointer: [...pointer, ...annotation] };
  }
  const [list = '', item] = name.split('.');
  const found = itemsAt(workload.value, [...workload.at, list]).find(
    (each) => textAt(each.value, ['name']) === item,
  );
  return found && { document, pointer: [...pointer, ...found.pointer] };
}

/** Only one that inject has written: its annotation says so. */
function settingsPlace(
  { configMaps }: Stream,
  namespace: string | undefined,
  workload: string,
): ObjectPlace | undefined {
  const name = settingsName(workload);
  const wanted = { kind: 'ConfigMap', name, namespace };
  return configMaps
    .get(name)
    ?.find(
      ({ object }) =>
        textAt(object.value, ['metadata', 'annotations', INJECTED]) !== undefined &&
        isSameObject(object, wanted),
    );
}

/** Of a document all of its lines, with comments; without the blanks at the end. */
function rangeOf({ text, isJson }: Stream, pointer: Pointer, { start = 0, end }: TextNode) {
  const isDocument = pointer.length === 0 && !isJson;
  const first = isDocument ? startOfDocument(text, start) : start;
  const next = isDocument ? text.indexOf('\n---', end - 1) : end;
  const last = next === -1 ? text.length : next;
  return { start: first, end: first + text.slice(first, last).trimEnd().length };
}

/** Behind the line of its marker, unless that has the document too. */
function startOfDocument(text: string, offset: number): number {
  const marker = `\n${text}`.lastIndexOf('\n---', offset);
  return marker === -1 ? 0 : Math.min(text.indexOf('\n', marker) + 1, offset);
}

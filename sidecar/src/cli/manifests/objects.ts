import type { Document } from '@lastgood/core/formats/format.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { type Part, type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';

/** One Kubernetes object of a manifest. */
export interface ManifestObject extends ObjectName {
  readonly apiVersion: string;
  /** The template that Helm rendered it from. */
  readonly template?: string | undefined;
  readonly value: Mapping;
  /** The place of a part of the object in the manifest; by default of the value, not the key. */
  locate(pointer: Pointer, part?: Part): Required<Location>;
}

/** What names an object. */
export interface ObjectName {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}

/** Whether both mean one object. Without a namespace, it is that of the command that applies them. */
export function isSameObject(one: ObjectName, other: ObjectName): boolean {
  if (one.kind !== other.kind || one.name !== other.name) return false;
  return (one.namespace ?? other.namespace) === (other.namespace ?? one.namespace);
}

/** Every object of the documents, in order; the items of a `List` one by one. */
export function objectsOf(
  file: string,
  text: string,
  documents: readonly Document[],
): readonly ManifestObject[] {
  const lines = text.split(/\r\n|\n|\r/);
  return documents.flatMap((document) =>
    rootsOf(document.value).flatMap((root) => {
      const object = objectAt(file, document, root);
      const template = templateAbove(lines, document.locate([], 'value').line);
      return object === undefined ? [] : { ...object, template };
    }),
  );
}

/** The object at a root of a document; undefined if it is something else. */
export function objectAt(
  file: string,
  document: Document,
  { value, pointer }: Root,
): ManifestObject | undefined {
  const { apiVersion, kind } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined;
  const locate: ManifestObject['locate'] = (inner, part = 'value') => ({
    file,
    ...document.locate([...pointer, ...inner], part),
  });
  const name = textAt(value, ['metadata', 'name']) ?? '';
  const namespace = textAt(value, ['metadata', 'namespace']);
  return { apiVersion, kind, name, namespace, value, locate };
}

/** The text at a pointer; undefined if there is none. */
export function textAt(root: unknown, pointer: Pointer): string | undefined {
  const value = valueAt(root, pointer);
  return typeof value === 'string' ? value : undefined;
}

/** The items of the list at a pointer, each with its own pointer; empty if there is no list. */
export function itemsAt(root: unknown, pointer: Pointer) {
  const value = valueAt(root, pointer);
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.map((item, index) => ({ value: item, pointer: [...pointer, index] }));
}

/** What may be an object, and where it is in its document. */
interface Root {
  readonly value: Mapping;
  readonly pointer: Pointer;
}

/** The top of a document, or the items of a list of objects. */
export function rootsOf(root: unknown): readonly Root[] {
  if (!isMapping(root)) return [];
  const isList = textAt(root, ['kind'])?.endsWith('List') && Array.isArray(root.items);
  if (!isList) return [{ value: root, pointer: [] }];
  return itemsAt(root, ['items']).flatMap(({ value, pointer }) =>
    isMapping(value) ? { value, pointer } : [],
  );
}

const TEMPLATE = /^# Source: (\S+)$/;

/** Helm writes the name of the template between the `---` and the first line of the object. */
function templateAbove(lines: readonly string[], firstLine: number): string | undefined {
  for (let index = firstLine - 2; index >= 0; index--) {
    const line = lines[index] ?? '';
    const template = TEMPLATE.exec(line)?.[1];
    if (template !== undefined || !/^(#.*)?$/.test(line)) return template;
  }
  return undefined;
}

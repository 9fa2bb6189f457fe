import type { Document, Part, Pointer } from '@lastgood/core/formats/format.ts';
import type { Location } from '@lastgood/core/model/finding.ts';
import { valueAt } from '../../settings/issue.ts';

/** One Kubernetes object of a manifest. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** The template that Helm rendered it from. */
  readonly template: string | undefined;
  readonly value: Mapping;
  /** Where something of the object stands in the manifest; the value itself unless `key` is asked for. */
  locate(pointer: Pointer, part?: Part): Required<Location>;
}

export type Mapping = Readonly<Record<string, unknown>>;

/** Every object of the documents, in their order; those of a `List` one by one. */
export function objectsOf(
  file: string,
  text: string,
  documents: readonly Document[],
): readonly ManifestObject[] {
  const lines = text.split(/\r\n|\n|\r/);
  return documents.flatMap((document) =>
    rootsOf(document.value).flatMap(({ value, pointer }) => {
      const { apiVersion, kind } = value;
      if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
      const locate: ManifestObject['locate'] = (inner, part = 'value') => ({
        file,
        ...document.locate([...pointer, ...inner], part),
      });
      const template = templateAbove(lines, document.locate([], 'value').line);
      const name = textAt(value, ['metadata', 'name']) ?? '';
      const namespace = textAt(value, ['metadata', 'namespace']);
      return { apiVersion, kind, name, namespace, template, value, locate };
    }),
  );
}

/** What stands at a pointer, if it is text. */
export function textAt(root: unknown, pointer: Pointer): string | undefined {
  const value = valueAt(root, pointer);
  return typeof value === 'string' ? value : undefined;
}

/** What stands at a pointer, if it is a list; else an empty one. */
export function listAt(root: unknown, pointer: Pointer): readonly unknown[] {
  const value = valueAt(root, pointer);
  return Array.isArray(value) ? value : [];
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function rootsOf(value: unknown): { readonly value: Mapping; readonly pointer: Pointer }[] {
  if (!isMapping(value)) return [];
  const isList = textAt(value, ['kind'])?.endsWith('List') && Array.isArray(value.items);
  if (!isList) return [{ value, pointer: [] }];
  return listAt(value, ['items']).flatMap((item, index) =>
    isMapping(item) ? { value: item, pointer: ['items', index] } : [],
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

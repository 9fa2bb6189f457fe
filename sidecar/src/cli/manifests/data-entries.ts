import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding, Location } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { shownValue } from '../../settings/wording.ts';
import type { KubectlValue, KubectlValueAt } from './kubectl-scalars.ts';
import type { BlockAt } from './literal-blocks.ts';
import type { ManifestObject } from './objects.ts';

/** What only the text of a manifest shows. */
export interface ManifestText {
  readonly blockAt: BlockAt;
  readonly kubectlValueAt: KubectlValueAt;
}

export type Encoding = 'text' | 'base64';

/** The fields with the data of an object; of a Secret the later one wins, as for the API server. */
export const DATA_FIELDS: Readonly<Record<string, Readonly<Record<string, Encoding>>>> = {
  ConfigMap: { data: 'text', binaryData: 'base64' },
  Secret: { data: 'base64', stringData: 'text' },
};

/** A key of a ConfigMap or Secret, and its value, as kubectl sends them to the API server. */
export interface DataEntry {
  readonly field: string;
  readonly encoding: Encoding;
  readonly key: string;
  readonly value: unknown;
  /** What kubectl reads where the manifest has a plain word as the key. */
  readonly keyReadAs: KubectlValue | undefined;
  readonly keyLocation: Required<Location>;
  readonly location: Required<Location>;
}

/** Reads every key of an object, in order. */
export function readDataEntries(
  object: ManifestObject,
  { kubectlValueAt }: ManifestText,
): readonly DataEntry[] {
  return Object.entries(DATA_FIELDS[object.kind] ?? {}).flatMap(([field, encoding]) => {
    const entries = object.value[field];
    return Object.entries(isMapping(entries) ? entries : {}).map(([written, value]) => {
      const keyLocation = object.locate([field, written], 'key');
      const location = object.locate([field, written]);
      const keyReadAs = kubectlValueAt(keyLocation);
      const key = String(keyReadAs ?? written);
      const read = typeof value === 'string' ? (kubectlValueAt(location) ?? value) : value;
      return { field, encoding, key, value: read, keyReadAs, keyLocation, location };
    });
  });
}

/** Refuses fields that are no mapping, as the API server does. */
export function findingsOfFields(object: ManifestObject): readonly Finding[] {
  return Object.keys(DATA_FIELDS[object.kind] ?? {}).flatMap((field) => {
    const entries = object.value[field] ?? null;
    if (entries === null || isMapping(entries)) return [];
    return findingOf('LG_MANIFEST_FIELD', [field, kindOf(entries)], object.locate([field]));
  });
}

/** Source: Kubernetes apimachinery pkg/util/validation, IsConfigMapKey. */
const MAX_KEY_LENGTH = 253;

/** Refuses keys that the API server refuses, and warns of those that kubectl reads otherwise. */
export function findingsOfKeys(entries: readonly DataEntry[]): readonly Finding[] {
  return entries.flatMap(({ field, key, keyReadAs, keyLocation }) => {
    const shown = `${field}.${shownValue(key)}`;
    const refuse = (reason: string) =>
      findingOf('LG_MANIFEST_KEY_NAME', [shown, reason], keyLocation);
    if (!/^[-._a-zA-Z0-9]+$/.test(key))
      return refuse('must have only letters, digits, ".", "-" and "_"');
    if (key.length > MAX_KEY_LENGTH)
      return refuse(`must have at most ${MAX_KEY_LENGTH} characters`);
    if (key === '.' || key.startsWith('..')) return refuse('must not be "." or start with ".."');
    const isTwice = entries.some((other) => other.key === key && other.field === 'data');
    if (field === 'binaryData' && isTwice) return refuse('is in data too');
    if (typeof keyReadAs !== 'boolean') return [];
    return warningOf('LG_MANIFEST_KEY_BOOLEAN', [shown], keyLocation);
  });
}

/** Never the value itself, which may be a secret (P8). */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}

import type { Pointer } from '@lastgood/core/formats/format.ts';
import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { valueAt } from '../../settings/issue.ts';
import { shownValue } from '../../settings/wording.ts';
import type { ConfigObject } from './config-object.ts';
import { isMapping, listAt, type ManifestObject, textAt } from './objects.ts';

/** Where a volume of a pod gets its files from. */
interface VolumeSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly optional: boolean;
  /** Of the mapping that names it. */
  readonly pointer: Pointer;
}

/** Whether it is a pod or makes pods: a Deployment, a CronJob, or a resource that nobody here knows. */
export function makesPods({ value }: ManifestObject): boolean {
  return podSpecsOf(value).length > 0;
}

/**
 * What would keep a change from the pods of an object: keys that its volumes ask for and the
 * ConfigMaps and Secrets beside it do not have, and mounts that are never brought up to date.
 */
export function findingsOfPods(
  object: ManifestObject,
  configs: readonly ConfigObject[],
): readonly Finding[] {
  return podSpecsOf(object.value).flatMap((spec) => [
    ...sourcesOf(object, spec).flatMap((source) => missingKeys(object, source, configs)),
    ...subPathMounts(object, spec),
  ]);
}

/** Every mapping with a list of containers is a pod's spec, wherever the object keeps it. */
function podSpecsOf(value: unknown, pointer: Pointer = []): Pointer[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isMapping(value) && Array.isArray(value.containers)) return [pointer];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([step, inner]) => podSpecsOf(inner, [...pointer, step]));
}

function sourcesOf(object: ManifestObject, spec: Pointer): VolumeSource[] {
  return listAt(object.value, [...spec, 'volumes']).flatMap((_, index) =>
    sourcesOfVolume(object, [...spec, 'volumes', index]),
  );
}

function sourcesOfVolume({ value }: ManifestObject, volume: Pointer): VolumeSource[] {
  const projected = [...volume, 'projected', 'sources'];
  const sources = listAt(value, projected).map((_, index) => [...projected, index]);
  return [
    ...sourceAt(value, [...volume, 'configMap'], 'ConfigMap', 'name'),
    ...sourceAt(value, [...volume, 'secret'], 'Secret', 'secretName'),
    ...sources.flatMap((at) => sourceAt(value, [...at, 'configMap'], 'ConfigMap', 'name')),
    ...sources.flatMap((at) => sourceAt(value, [...at, 'secret'], 'Secret', 'name')),
  ];
}

function sourceAt(
  root: unknown,
  pointer: Pointer,
  kind: VolumeSource['kind'],
  nameKey: string,
): VolumeSource[] {
  const name = textAt(root, [...pointer, nameKey]);
  if (name === undefined) return [];
  return [{ kind, name, optional: valueAt(root, [...pointer, 'optional']) === true, pointer }];
}

function missingKeys(
  object: ManifestObject,
  { kind, name, optional, pointer }: VolumeSource,
  configs: readonly ConfigObject[],
): Finding[] {
  // The overlays of several environments may stand side by side: one that has the key is enough.
  const named = configs.filter((each) => isNamed(each.object, kind, name, object.namespace));
  if (optional || named.length === 0) return [];
  const keys = new Set(named.flatMap((config) => keysOf(config)));
  return listAt(object.value, [...pointer, 'items']).flatMap((item, index) => {
    const key = textAt(item, ['key']);
    if (key === undefined || keys.has(key)) return [];
    const args = [`${kind} ${name}`, shownValue(key), suggestion(key, [...keys])];
    return findingOf('LG_MANIFEST_KEY', args, object.locate([...pointer, 'items', index, 'key']));
  });
}

/** An object without a namespace gets that of the command that applies it. */
function isNamed(
  object: ManifestObject,
  kind: string,
  name: string,
  namespace: string | undefined,
): boolean {
  if (object.kind !== kind || object.name !== name) return false;
  return [object.namespace, namespace].includes(undefined) || object.namespace === namespace;
}

/** Also those whose value cannot be read: they are complained of where they stand. */
function keysOf({ object: { value } }: ConfigObject): string[] {
  return [value.data, value.binaryData, value.stringData].flatMap((field) =>
    isMapping(field) ? Object.keys(field) : [],
  );
}

function subPathMounts(object: ManifestObject, spec: Pointer): Finding[] {
  const volumes = listAt(object.value, [...spec, 'volumes']).filter(isFromConfig);
  const names = new Set(volumes.map((volume) => textAt(volume, ['name'])));
  return mountsOf(object, spec).flatMap((mount) => {
    const volume = textAt(object.value, [...mount, 'name']);
    const key = ['subPath', 'subPathExpr'].find((each) => textAt(object.value, [...mount, each]));
    if (volume === undefined || key === undefined || !names.has(volume)) return [];
    const location = object.locate([...mount, key]);
    return warningOf('LG_MANIFEST_SUB_PATH', [`the volume ${shownValue(volume)}`], location);
  });
}

function isFromConfig(volume: unknown): boolean {
  return ['configMap', 'secret', 'projected'].some((key) => isMapping(valueAt(volume, [key])));
}

function mountsOf({ value }: ManifestObject, spec: Pointer): Pointer[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    listAt(value, [...spec, list]).flatMap((container, index) =>
      listAt(container, ['volumeMounts']).map((_, mount) => [
        ...spec,
        list,
        index,
        'volumeMounts',
        mount,
      ]),
    ),
  );
}

import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { shownValue } from '../../settings/wording.ts';
import type { ConfigObject } from './config-object.ts';
import { isSameObject, itemsAt, type ManifestObject, type ObjectName, textAt } from './objects.ts';

/** Whether the object is a pod or makes pods: a Deployment, a CronJob or an unknown resource. */
export function makesPods({ value }: ManifestObject): boolean {
  return podSpecsOf(value).length > 0;
}

/**
 * Reports what would keep a change from the pods of an object: keys that its volumes and environment
 * variables need and the ConfigMaps and Secrets beside it do not have, and mounts that never update.
 */
export function findingsOfPods(
  object: ManifestObject,
  configs: readonly ConfigObject[],
): readonly Finding[] {
  return podSpecsOf(object.value).flatMap((spec) => [
    ...sourcesOf(object.value, spec).flatMap((source) => missingItems(object, source, configs)),
    ...missingVariables(object, spec, configs),
    ...subPathMounts(object, spec),
  ]);
}

/** Every mapping with a list of containers is a pod's spec, wherever it is in the object. */
export function podSpecsOf(value: unknown, pointer: Pointer = []): Pointer[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isMapping(value) && Array.isArray(value.containers)) return [pointer];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.flatMap(([step, inner]) => podSpecsOf(inner, [...pointer, step]));
}

/** The ConfigMap or Secret that a volume of a pod gets its files from. */
export interface VolumeSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** The name of the volume. */
  readonly volume: string | undefined;
  readonly optional: boolean;
  /** Of the mapping that names it. */
  readonly pointer: Pointer;
}

export function sourcesOf(root: unknown, spec: Pointer): VolumeSource[] {
  return itemsAt(root, [...spec, 'volumes']).flatMap(({ pointer: at }) => {
    const volume = textAt(root, [...at, 'name']);
    const sourceAt = (pointer: Pointer, kind: VolumeSource['kind'], nameKey: string) => {
      const name = textAt(root, [...pointer, nameKey]);
      const optional = valueAt(root, [...pointer, 'optional']) === true;
      return name === undefined ? [] : [{ kind, name, volume, optional, pointer }];
    };
    const projected = itemsAt(root, [...at, 'projected', 'sources']);
    return [
      ...sourceAt([...at, 'configMap'], 'ConfigMap', 'name'),
      ...sourceAt([...at, 'secret'], 'Secret', 'secretName'),
      ...projected.flatMap(({ pointer }) =>
        sourceAt([...pointer, 'configMap'], 'ConfigMap', 'name'),
      ),
      ...projected.flatMap(({ pointer }) => sourceAt([...pointer, 'secret'], 'Secret', 'name')),
    ];
  });
}

/** Where a volume may set the mode of its files. */
export function modePlaces(
  root: unknown,
  volume: Pointer,
  sources: readonly Pick<VolumeSource, 'pointer'>[],
): readonly Pointer[] {
  const kinds = ['configMap', 'secret', 'projected', 'downwardAPI'];
  const ofItems = sources.flatMap(({ pointer }) => itemsAt(root, [...pointer, 'items']));
  return [
    ...kinds.map((kind) => [...volume, kind, 'defaultMode']),
    ...ofItems.map(({ pointer }) => [...pointer, 'mode']),
  ];
}

/** An object that a container sees as files. */
export interface MountedObject extends ObjectName {
  readonly mountPath: string;
}

/** The ConfigMaps and Secrets that the containers of an object's pods mount, whole. */
export function mountedObjects({ value, namespace }: ManifestObject): readonly MountedObject[] {
  return podSpecsOf(value).flatMap((spec) =>
    itemsOfContainers(value, spec, 'volumeMounts').flatMap(({ value: mount }) => {
      const mountPath = textAt(mount, ['mountPath'])?.replace(/(?<=.)\/+$/, '');
      if (mountPath === undefined || textAt(mount, ['subPath']) !== undefined) return [];
      const volume = textAt(mount, ['name']);
      return sourcesOf(value, spec)
        .filter((source) => source.volume === volume)
        .map(({ kind, name }) => ({ mountPath, kind, name, namespace }));
    }),
  );
}

function missingItems(
  object: ManifestObject,
  { optional, pointer: source, ...named }: VolumeSource,
  configs: readonly ConfigObject[],
): Finding[] {
  if (optional) return [];
  return itemsAt(object.value, [...source, 'items']).flatMap(({ pointer }) =>
    missingKey(object, named, [...pointer, 'key'], configs),
  );
}

/** Environment variables with a key that is missing keep their container from starting. */
function missingVariables(
  object: ManifestObject,
  spec: Pointer,
  configs: readonly ConfigObject[],
): Finding[] {
  return itemsOfContainers(object.value, spec, 'env').flatMap(({ pointer }) =>
    Object.entries(KEY_REFS).flatMap(([reference, kind]) => {
      const source = [...pointer, 'valueFrom', reference];
      const name = textAt(object.value, [...source, 'name']);
      if (name === undefined || valueAt(object.value, [...source, 'optional']) === true) return [];
      return missingKey(object, { kind, name }, [...source, 'key'], configs);
    }),
  );
}

const KEY_REFS = { configMapKeyRef: 'ConfigMap', secretKeyRef: 'Secret' } as const;

/** A finding if the key at the pointer is in no object of that name. */
function missingKey(
  object: ManifestObject,
  { kind, name }: Pick<VolumeSource, 'kind' | 'name'>,
  pointer: Pointer,
  configs: readonly ConfigObject[],
): Finding[] {
  // There may be overlays for several environments: it is enough if one has the key.
  const wanted = { kind, name, namespace: object.namespace };
  const named = configs.filter((each) => isSameObject(each.object, wanted));
  const keys = named.flatMap((each) => each.keys);
  const key = textAt(object.value, pointer);
  if (named.length === 0 || key === undefined || keys.includes(key)) return [];
  const args = [`${kind} ${name}`, shownValue(key), suggestion(key, keys)];
  return [findingOf('LG_MANIFEST_KEY', args, object.locate(pointer))];
}

/** A container that runs to its end sees the version of its start in any case. */
function subPathMounts(object: ManifestObject, spec: Pointer): Finding[] {
  if (runsOnce(object, spec)) return [];
  const volumes = itemsAt(object.value, [...spec, 'volumes']).filter(({ value }) =>
    ['configMap', 'secret', 'projected'].some((key) => isMapping(valueAt(value, [key]))),
  );
  const names = new Set(volumes.map(({ value }) => textAt(value, ['name'])));
  return itemsOfContainers(object.value, spec, 'volumeMounts').flatMap(
    ({ value: mount, pointer }) => {
      if (isInit(object.value, pointer)) return [];
      const volume = textAt(mount, ['name']);
      const key = ['subPath', 'subPathExpr'].find((each) => textAt(mount, [each]));
      if (volume === undefined || key === undefined || !names.has(volume)) return [];
      const location = object.locate([...pointer, key]);
      return warningOf('LG_MANIFEST_SUB_PATH', [`the volume ${shownValue(volume)}`], location);
    },
  );
}

/** Whether the pods are those of a Job. */
export function runsOnce({ kind }: ManifestObject, spec: Pointer): boolean {
  return kind === 'Job' || spec.includes('jobTemplate');
}

/** Whether a mount is that of an init container that is not a sidecar. */
function isInit(root: unknown, mount: Pointer): boolean {
  const list = mount.at(-4);
  return (
    list === 'initContainers' && textAt(root, [...mount.slice(0, -2), 'restartPolicy']) !== 'Always'
  );
}

function itemsOfContainers(root: unknown, spec: Pointer, field: string) {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    itemsAt(root, [...spec, list]).flatMap(({ pointer }) => itemsAt(root, [...pointer, field])),
  );
}

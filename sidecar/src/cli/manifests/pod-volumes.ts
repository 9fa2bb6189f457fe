import { isMapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt, type ManifestObject, type ObjectName, textAt } from './objects.ts';

/** Whether the object is a pod or makes pods: a Deployment, a CronJob or an unknown resource. */
export function makesPods({ value }: ManifestObject): boolean {
  return podSpecsOf(value).length > 0;
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

/** Whether the pods are those of a Job. */
export function runsOnce({ kind }: ManifestObject, spec: Pointer): boolean {
  return kind === 'Job' || spec.includes('jobTemplate');
}

function itemsOfContainers(root: unknown, spec: Pointer, field: string) {
  return ['initContainers', 'containers'].flatMap((list) =>
    itemsAt(root, [...spec, list]).flatMap(({ pointer }) => itemsAt(root, [...pointer, field])),
  );
}

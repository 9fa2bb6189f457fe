import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';

/** What makes pods: the object, and where the pod is in it. */
export interface Workload {
  readonly value: Mapping;
  /** Such as `Deployment web`. */
  readonly shownName: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Of the mapping with `metadata` and `spec` of the pod. */
  readonly template: Pointer;
  readonly spec: Pointer;
  /** The text of a value: kubectl reads 0400 as an octal number, and YAML 1.2 does not. */
  writtenAt(pointer: Pointer): string;
}

const TEMPLATES: readonly Pointer[] = [
  ['spec', 'jobTemplate', 'spec', 'template'],
  ['spec', 'template'],
  [],
];

/** Kubernetes' own, and Argo's Rollout. Others, such as Knative's Service, refuse what lastgood adds. */
const API_VERSIONS = /^(?:v1|apps\/v1|batch\/v1|argoproj\.io\/.*)$/;

/** The workload in an object; undefined if it makes no pods that lastgood knows, or has no name. */
export function workloadOf(value: Mapping, writtenAt: Workload['writtenAt']): Workload | undefined {
  if (!API_VERSIONS.test(textAt(value, ['apiVersion']) ?? '')) return undefined;
  const isPod = (at: Pointer) => Array.isArray(valueAt(value, [...at, 'spec', 'containers']));
  const template = TEMPLATES.find(isPod);
  const generated = textAt(value, ['metadata', 'generateName'])?.replace(/-+$/, '');
  const name = textAt(value, ['metadata', 'name']) ?? generated;
  if (template === undefined || name === undefined) return undefined;
  const shownName = `${textAt(value, ['kind']) ?? ''} ${name}`;
  const namespace = textAt(value, ['metadata', 'namespace']);
  return { value, shownName, name, namespace, template, spec: [...template, 'spec'], writtenAt };
}

/** A container of a pod. */
export interface Container {
  readonly value: Mapping;
  readonly pointer: Pointer;
  readonly name: string;
  readonly init: boolean;
}

export function containersOf({ value, spec }: Workload): readonly Container[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    itemsAt(value, [...spec, list]).flatMap(({ value: container, pointer }) => {
      if (!isMapping(container)) return [];
      const name = textAt(container, ['name']) ?? '';
      return { value: container, pointer, name, init: list === 'initContainers' };
    }),
  );
}

/** A volume whose content is that of ConfigMaps or Secrets. */
export interface ConfigVolume {
  readonly name: string;
  /** Of the volume in the list. */
  readonly pointer: Pointer;
  /** Some of its content is that of a Secret, or a token. */
  readonly secret: boolean;
  /** The kubelet renews a token or certificate in it. */
  readonly rotates: boolean;
  /** It has content of a ConfigMap: configuration, where `--volume` does not choose. */
  readonly isConfiguration: boolean;
  /** Mounts of the whole directory in containers that run as long as the pod. */
  readonly mounts: readonly VolumeMount[];
  /** A mount of one file, which never updates. */
  readonly subPath: Pointer | undefined;
}

interface VolumeMount {
  readonly container: string;
  readonly path: string;
}

/** The volumes of a pod that lastgood can watch. */
export function configVolumesOf(workload: Workload): readonly ConfigVolume[] {
  const { value, spec } = workload;
  return itemsAt(value, [...spec, 'volumes']).flatMap(({ value: volume, pointer }) => {
    const name = textAt(volume, ['name']);
    const kinds = kindsOf(volume);
    if (name === undefined || kinds.length === 0) return [];
    const secret = kinds.includes('secret');
    const isConfiguration = kinds.includes('configMap');
    const rotates = sourcesIn(volume).some(isRenewed);
    return { name, pointer, secret, rotates, isConfiguration, ...mountsOf(workload, name) };
  });
}

/** In every namespace, for tokens of service accounts: not configuration of the app. */
const ROOT_CA = 'kube-root-ca.crt';

/** The volume, and what is projected into it. */
function sourcesIn(volume: unknown): readonly unknown[] {
  return [volume, ...itemsAt(volume, ['projected', 'sources']).map((each) => each.value)];
}

function isRenewed(source: unknown): boolean {
  return ['serviceAccountToken', 'podCertificate'].some((key) => isMapping(valueAt(source, [key])));
}

function kindsOf(volume: unknown): readonly ('configMap' | 'secret')[] {
  return sourcesIn(volume).flatMap((source) => {
    const configMap = textAt(source, ['configMap', 'name']);
    const isSecret = isMapping(valueAt(source, ['secret'])) || isRenewed(source);
    if (configMap !== undefined && configMap !== ROOT_CA) return ['configMap' as const];
    return isSecret ? ['secret' as const] : [];
  });
}

function mountsOf(workload: Workload, volume: string) {
  const all = containersOf(workload)
    .filter(({ value, init }) => !init || value.restartPolicy === 'Always')
    .flatMap((container) =>
      itemsAt(container.value, ['volumeMounts']).map(({ value: mount, pointer }) => ({
        mount,
        container: container.name,
        pointer: [...container.pointer, ...pointer],
      })),
    )
    .filter(({ mount }) => textAt(mount, ['name']) === volume);
  const isFile = ({ mount }: { mount: unknown }) =>
    ['subPath', 'subPathExpr'].some((key) => textAt(mount, [key]));
  return {
    mounts: all
      .filter((each) => !isFile(each))
      .map(({ mount, container }) => ({ container, path: textAt(mount, ['mountPath']) ?? '' })),
    subPath: all.find(isFile)?.pointer,
  };
}

import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import type { KubectlValueAt } from '../manifests/kubectl-scalars.ts';
import { itemsAt, type ManifestObject, textAt } from '../manifests/objects.ts';
import { type Pod, podAt, type Volume } from '../manifests/pods.ts';

/** What makes pods, with the pod. */
export interface Workload extends Pod {
  readonly name: string;
  /** Such as `Deployment web`. */
  readonly shownName: string;
  /** The object. */
  readonly value: Mapping;
  /** Of the mapping with `metadata` and `spec` of the pod. */
  readonly template: Pointer;
}

const TEMPLATES: readonly Pointer[] = [
  ['spec', 'jobTemplate', 'spec', 'template'],
  ['spec', 'template'],
  [],
];

/** Kubernetes' own, and Argo's Rollout. Others, such as Knative's Service, refuse what lastgood adds. */
const API_VERSIONS = /^(?:v1|apps\/v1|batch\/v1|argoproj\.io\/.*)$/;

/** The workload in an object; undefined if it makes no pods that lastgood knows, or has no name. */
export function workloadOf(
  object: ManifestObject,
  kubectlValueAt: KubectlValueAt,
): Workload | undefined {
  const { apiVersion, kind, value } = object;
  const isPod = (at: Pointer) => Array.isArray(valueAt(value, [...at, 'spec', 'containers']));
  const template = TEMPLATES.find(isPod);
  const generated = textAt(value, ['metadata', 'generateName'])?.replace(/-+$/, '');
  const name = textAt(value, ['metadata', 'name']) ?? generated;
  if (!API_VERSIONS.test(apiVersion) || template === undefined || name === undefined)
    return undefined;
  const pod = podAt(object, [...template, 'spec'], kubectlValueAt);
  return { ...pod, name, shownName: `${kind} ${name}`, value, template };
}

/** A volume whose content is that of ConfigMaps or Secrets. */
export interface ConfigVolume extends Volume {
  readonly name: string;
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
export function configVolumesOf({ volumes, containers }: Pod): readonly ConfigVolume[] {
  const lasting = containers.filter(({ role }) => role !== 'init');
  return volumes.flatMap((volume) => {
    const { name, value } = volume;
    const kinds = kindsOf(value);
    if (name === undefined || kinds.length === 0) return [];
    const mounts = lasting.flatMap((container) =>
      container.mounts
        .filter((mount) => mount.volume === name)
        .map(({ mountPath, subPathAt }) => ({
          container: container.name,
          path: mountPath,
          subPathAt,
        })),
    );
    return {
      ...volume,
      name,
      secret: kinds.includes('secret'),
      rotates: sourcesIn(value).some(isRenewed),
      isConfiguration: kinds.includes('configMap'),
      mounts: mounts.filter(({ subPathAt }) => subPathAt === undefined),
      subPath: mounts.find(({ subPathAt }) => subPathAt !== undefined)?.subPathAt,
    };
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

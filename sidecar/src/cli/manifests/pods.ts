import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import type { ConfigObject } from './config-object.ts';
import type { Manifests } from './manifests.ts';
import { isSameObject, itemsAt, type ManifestObject, textAt } from './objects.ts';
import { modePlaces, podSpecsOf, runsOnce, sourcesOf, type VolumeSource } from './pod-volumes.ts';

/** A pod, or the template of pods, in a manifest. */
export interface Pod {
  readonly object: ManifestObject;
  /** Of the spec in the object. */
  readonly at: Pointer;
  readonly spec: Mapping;
  /** Of the metadata of the pod. */
  readonly metadataAt: Pointer;
  readonly labels: Mapping;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  /** No operator decides what becomes of it. */
  readonly runsAsWritten: boolean;
  /** It runs to its end, as that of a Job, and nothing starts its containers again. */
  readonly runsOnce: boolean;
  /** A number as kubectl reads it, such as `0400`, which is octal in YAML 1.1 only. */
  numberAt(pointer: Pointer): number | undefined;
}

export interface Container {
  readonly pod: Pod;
  readonly name: string;
  /** In the object. */
  readonly at: Pointer;
  readonly value: Mapping;
  /** `init`: it ends before the others start. */
  readonly role: 'init' | 'sidecar' | 'app';
  readonly image: string | undefined;
  /** Its command and arguments. */
  readonly words: readonly Word[];
  readonly mounts: readonly Mount[];
}

/** An element of `command` or `args`. */
interface Word {
  readonly text: string;
  readonly at: Pointer;
}

interface Mount {
  readonly at: Pointer;
  readonly volume: string | undefined;
  readonly mountPath: string;
  /** Of the key because of which it shows one file or directory of the volume, and never updates. */
  readonly subPathAt: Pointer | undefined;
}

export interface Volume {
  readonly name: string | undefined;
  readonly at: Pointer;
  readonly value: Mapping;
  readonly sources: readonly VolumeSource[];
}

/** The API groups whose pods run as written; those of others may be a template, a patch or a list. */
const RUN_AS_WRITTEN =
  /^(?:v1$|(?:apps|batch|extensions|argoproj\.io|apps\.openshift\.io|serving\.knative\.dev)\/)/;

const LISTS = ['initContainers', 'containers'] as const;

/** Every pod of the workloads in a manifest. */
export function podsOf({ workloads, kubectlValueAt }: Manifests): readonly Pod[] {
  return workloads.flatMap((object) =>
    podSpecsOf(object.value).map((at) => podAt(object, at, kubectlValueAt)),
  );
}

/** The pod whose spec is at a pointer of an object. */
export function podAt(
  object: ManifestObject,
  at: Pointer,
  kubectlValueAt: Manifests['kubectlValueAt'],
): Pod {
  const metadataAt = [...at.slice(0, -1), 'metadata'];
  const sources = sourcesOf(object.value, at);
  const labels = valueAt(object.value, [...metadataAt, 'labels']);
  const containers: Container[] = [];
  const pod: Pod = {
    object,
    at,
    spec: mappingAt(object.value, at),
    metadataAt,
    labels: isMapping(labels) ? labels : {},
    containers,
    volumes: itemsAt(object.value, [...at, 'volumes']).flatMap(({ value, pointer }) => {
      const name = textAt(value, ['name']);
      const own = sources.filter((each) => each.volume === name);
      return isMapping(value) ? { name, at: pointer, value, sources: own } : [];
    }),
    runsAsWritten: RUN_AS_WRITTEN.test(object.apiVersion),
    runsOnce: runsOnce(object, at) || valueAt(object.value, [...at, 'restartPolicy']) === 'Never',
    numberAt: (pointer) => {
      const read = kubectlValueAt(object.locate(pointer)) ?? valueAt(object.value, pointer);
      return typeof read === 'number' ? read : undefined;
    },
  };
  for (const list of LISTS)
    for (const { value, pointer } of itemsAt(object.value, [...at, list]))
      if (isMapping(value)) containers.push(containerAt(pod, pointer, value, list));
  return pod;
}

function containerAt(
  pod: Pod,
  at: Pointer,
  value: Mapping,
  list: (typeof LISTS)[number],
): Container {
  const isSidecar = value.restartPolicy === 'Always';
  return {
    pod,
    name: textAt(value, ['name']) ?? '(no name)',
    at,
    value,
    role: list === 'containers' ? 'app' : isSidecar ? 'sidecar' : 'init',
    image: textAt(value, ['image']),
    words: ['command', 'args'].flatMap((field) =>
      itemsAt(pod.object.value, [...at, field]).flatMap((word) =>
        typeof word.value === 'string' ? { text: word.value, at: word.pointer } : [],
      ),
    ),
    mounts: itemsAt(pod.object.value, [...at, 'volumeMounts']).flatMap((mount) => {
      const mountPath = textAt(mount.value, ['mountPath']);
      if (mountPath === undefined) return [];
      const subPath = ['subPath', 'subPathExpr'].find((key) => textAt(mount.value, [key]));
      const subPathAt = subPath === undefined ? undefined : [...mount.pointer, subPath];
      const volume = textAt(mount.value, ['name']);
      return { at: mount.pointer, volume, mountPath, subPathAt };
    }),
  };
}

export function mappingAt(root: unknown, pointer: Pointer): Mapping {
  const value = valueAt(root, pointer);
  return isMapping(value) ? value : {};
}

/** The given ConfigMaps or Secrets that a pod means by a name. */
export function configsOf(
  pod: Pod,
  { kind, name }: Pick<VolumeSource, 'kind' | 'name'>,
  configs: readonly ConfigObject[],
): readonly ConfigObject[] {
  const { namespace } = pod.object;
  const named = configsByName(configs).get(name) ?? [];
  return named.filter(({ object }) => isSameObject(object, { kind, name, namespace }));
}

type ConfigsByName = ReadonlyMap<string, readonly ConfigObject[]>;

/** Of each list of objects, so that the search for each of many names does not read all of it. */
const INDEXES = new WeakMap<readonly ConfigObject[], ConfigsByName>();

function configsByName(configs: readonly ConfigObject[]): ConfigsByName {
  return INDEXES.getOrInsertComputed(configs, () =>
    Map.groupBy(configs, ({ object }) => object.name),
  );
}

/** A ConfigMap or Secret that a container reads as environment variables, and where it says so. */
export interface EnvSource extends Pick<VolumeSource, 'kind' | 'name'> {
  readonly at: Pointer;
  /** Undefined: all of its keys. */
  readonly key: string | undefined;
  readonly optional: boolean;
}

const ENV_REFS = [
  ['env', ['valueFrom', 'configMapKeyRef'], 'ConfigMap'],
  ['env', ['valueFrom', 'secretKeyRef'], 'Secret'],
  ['envFrom', ['configMapRef'], 'ConfigMap'],
  ['envFrom', ['secretRef'], 'Secret'],
] as const;

/** What a container reads as environment variables, in the order of the manifest. */
export function envSourcesOf({ pod, at }: Container): readonly EnvSource[] {
  const root = pod.object.value;
  return ENV_REFS.flatMap(([field, path, kind]) =>
    itemsAt(root, [...at, field]).flatMap(({ pointer }) => {
      const reference = [...pointer, ...path];
      const name = textAt(root, [...reference, 'name']);
      if (name === undefined) return [];
      const key = textAt(root, [...reference, 'key']);
      const optional = valueAt(root, [...reference, 'optional']) === true;
      return { kind, name, key, optional, at: [...reference, 'name'] };
    }),
  );
}

/** A mode that the volume of a ConfigMap or Secret sets for its files, and where. */
export interface FileMode {
  readonly at: Pointer;
  readonly mode: number;
}

/** Every mode that a volume sets. */
export function modesOf(pod: Pod, { at, sources }: Volume): readonly FileMode[] {
  return modePlaces(pod.object.value, at, sources).flatMap((place) => {
    const mode = pod.numberAt(place);
    return mode === undefined ? [] : { at: place, mode };
  });
}

/** The user of a container, if the manifest says it; `any` user except root, if it says only that. */
export function userOf({ pod, value }: Container): number | 'any' | undefined {
  const contexts = [value.securityContext, pod.spec.securityContext].map((each) =>
    isMapping(each) ? each : {},
  );
  const user = contexts.find(({ runAsUser }) => typeof runAsUser === 'number')?.runAsUser;
  if (typeof user === 'number') return user;
  const nonRoot = contexts.find(({ runAsNonRoot }) => typeof runAsNonRoot === 'boolean');
  return nonRoot?.runAsNonRoot === true ? 'any' : undefined;
}

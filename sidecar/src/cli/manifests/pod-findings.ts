import { findingOf, warningOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { suggestion } from '../../settings/did-you-mean.ts';
import { shownValue } from '../../settings/wording.ts';
import type { ConfigObject } from './config-object.ts';
import { itemsAt, textAt } from './objects.ts';
import type { VolumeSource } from './pod-volumes.ts';
import { configsOf, envSourcesOf, type Pod } from './pods.ts';
import { isReplacedOnChange, isReplacedWithName } from './restarts.ts';
import type { Tools } from './tools.ts';

/** What is beside a pod in the manifests. */
export interface Surroundings {
  readonly configs: readonly ConfigObject[];
  readonly pods: readonly Pod[];
  readonly tools: Tools;
}

/**
 * Reports what would keep a change from a pod: keys that its volumes and environment variables need and
 * the ConfigMaps and Secrets beside it do not have, and mounts that never update.
 */
export function findingsOfPod(pod: Pod, around: Surroundings): readonly Finding[] {
  return [...missingKeys(pod, around), ...subPathMounts(pod, around)];
}

/** A missing key keeps a container with the variable from starting, and a pod with the volume. */
function missingKeys(pod: Pod, around: Surroundings): readonly Finding[] {
  const root = pod.object.value;
  const ofItems = pod.volumes
    .flatMap(({ sources }) => sources)
    .filter(({ optional }) => !optional)
    .flatMap((source) =>
      itemsAt(root, [...source.pointer, 'items']).flatMap(({ pointer }) =>
        missingKey(pod, source, [...pointer, 'key'], around),
      ),
    );
  const ofVariables = pod.containers
    .flatMap(envSourcesOf)
    .filter(({ key, optional }) => key !== undefined && !optional)
    .flatMap((source) => missingKey(pod, source, [...source.at.slice(0, -1), 'key'], around));
  return [...ofItems, ...ofVariables];
}

/** A finding if the key at the pointer is in no object of that name. */
function missingKey(
  pod: Pod,
  named: Pick<VolumeSource, 'kind' | 'name'>,
  pointer: Pointer,
  { configs, tools }: Surroundings,
): Finding[] {
  // There may be overlays for several environments: it is enough if one has the key.
  const found = configsOf(pod, named, configs);
  const key = textAt(pod.object.value, pointer);
  const keys = found.flatMap((each) => each.keys);
  // What is empty, something else fills; what a tool names, it may change.
  const isComplete =
    found.every((each) => each.keys.length > 0) && !tools.mentioned.has(named.name);
  if (found.length === 0 || key === undefined || keys.includes(key) || !isComplete) return [];
  const args = [`${named.kind} ${named.name}`, shownValue(key), suggestion(key, keys)];
  return [findingOf('LG_MANIFEST_KEY', args, pod.object.locate(pointer))];
}

/** A container that runs to its end sees the version of its start in any case. */
function subPathMounts(pod: Pod, { tools }: Surroundings): readonly Finding[] {
  if (pod.runsOnce || isReplacedOnChange(pod)) return [];
  const volumes = pod.volumes.filter(
    ({ value, sources }) =>
      ['configMap', 'secret', 'projected'].some((key) => key in value) &&
      !(sources.length > 0 && sources.every(({ name }) => isReplacedWithName(name, tools))),
  );
  const names = new Set(volumes.map(({ name }) => name));
  return pod.containers
    .filter(({ role }) => role !== 'init')
    .flatMap(({ mounts }) => mounts)
    .flatMap(({ volume, subPathAt }) => {
      if (volume === undefined || subPathAt === undefined || !names.has(volume)) return [];
      const location = pod.object.locate(subPathAt);
      return warningOf('LG_MANIFEST_SUB_PATH', [`the volume ${shownValue(volume)}`], location);
    });
}

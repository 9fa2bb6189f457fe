import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { mappingAt, modesOf } from '../manifests/pods.ts';
import type { ConfigVolume, Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import {
  DEFAULT_PORT,
  RUN_VOLUME,
  SETTINGS_VOLUME,
  SIDECAR,
  STATE_VOLUME,
  sourceName,
} from './sidecar-container.ts';

const PROBES = ['startupProbe', 'livenessProbe', 'readinessProbe'];
const CHECKS = ['httpGet', 'tcpSocket', 'grpc'];

/** lastgood is a program for Linux. */
export function otherSystem({ spec, at, shownName }: Workload): readonly Problem[] {
  const places = [
    ['os', 'name'],
    ['nodeSelector', 'kubernetes.io/os'],
  ];
  const place = places.find((each) => valueAt(spec, each) === 'windows');
  if (place === undefined) return [];
  return [{ code: 'LG_INJECT_WINDOWS', args: [shownName], pointer: [...at, ...place] }];
}

/** Names that lastgood needs, and that the pod has already. */
export function takenNames(
  workload: Workload,
  volumes: readonly ConfigVolume[],
): readonly Problem[] {
  const names = [SETTINGS_VOLUME, STATE_VOLUME, RUN_VOLUME];
  const reserved = new Set([...names, ...volumes.map(({ name }) => sourceName(name))]);
  const taken = (what: string, name: string, pointer: Pointer): Problem => ({
    code: 'LG_INJECT_TAKEN',
    args: [workload.shownName, what, name],
    pointer,
  });
  return [
    ...workload.containers
      .filter(({ name }) => name === SIDECAR)
      .map(({ name, at }) => taken('container', name, at)),
    ...workload.volumes.flatMap(({ name = '', at }) =>
      reserved.has(name) ? taken('volume', name, at) : [],
    ),
    // The claims of a StatefulSet take the place of volumes with their names.
    ...itemsAt(workload.value, ['spec', 'volumeClaimTemplates']).flatMap(({ value, pointer }) => {
      const name = textAt(value, ['metadata', 'name']) ?? '';
      return reserved.has(name) ? taken('volume', name, pointer) : [];
    }),
  ];
}

/** The first port that no container names, also in its probes. */
export function freePort(workload: Workload, removed: ReadonlySet<string>): number {
  const used = workload.containers
    .filter(({ name }) => !removed.has(name))
    .flatMap(({ value }) => [
      ...itemsAt(value, ['ports']).map((each) => valueAt(each.value, ['containerPort'])),
      ...PROBES.flatMap((probe) => CHECKS.map((check) => valueAt(value, [probe, check, 'port']))),
    ]);
  let port = DEFAULT_PORT;
  while (used.includes(port)) port += 1;
  return port;
}

/** For readers that are neither the owner nor in the group. */
const READ_BY_OTHERS = 0o004;

/** Volumes whose files only root may read. With fsGroup, the group may too. */
export function unreadableVolumes(
  workload: Workload,
  volumes: readonly ConfigVolume[],
): readonly Problem[] {
  if (mappingAt(workload.spec, ['securityContext']).fsGroup !== undefined) return [];
  return volumes.flatMap((volume): readonly Problem[] => {
    const closed = modesOf(workload, volume).find(({ mode }) => (mode & READ_BY_OTHERS) === 0);
    if (closed === undefined) return [];
    const shown = closed.mode.toString(8).padStart(4, '0');
    return [{ code: 'LG_INJECT_MODE', args: [volume.name, shown], pointer: closed.at }];
  });
}

import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { modePlaces, sourcesOf } from '../manifests/pod-volumes.ts';
import { quantityOf } from '../manifests/quantity.ts';
import { type ConfigVolume, containersOf, type Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import {
  DEFAULT_PORT,
  RUN_VOLUME,
  SETTINGS_VOLUME,
  SIDECAR,
  SIDECAR_REQUESTS,
  STATE_VOLUME,
  sourceName,
} from './sidecar-container.ts';

/** Names that lastgood needs, and that the pod has already. */
export function takenNames(
  workload: Workload,
  volumes: readonly ConfigVolume[],
): readonly Problem[] {
  const { value, spec } = workload;
  const names = [SETTINGS_VOLUME, STATE_VOLUME, RUN_VOLUME];
  const reserved = new Set([...names, ...volumes.map(({ name }) => sourceName(name))]);
  const taken = (what: string, name: string, pointer: Pointer): Problem => ({
    code: 'LG_INJECT_TAKEN',
    args: [workload.shownName, what, name],
    pointer,
  });
  return [
    ...containersOf(workload)
      .filter(({ name }) => name === SIDECAR)
      .map(({ name, pointer }) => taken('container', name, pointer)),
    ...itemsAt(value, [...spec, 'volumes']).flatMap(({ value: volume, pointer }) => {
      const name = textAt(volume, ['name']) ?? '';
      return reserved.has(name) ? taken('volume', name, pointer) : [];
    }),
  ];
}

/** The first port that no container names. */
export function freePort(workload: Workload, removed: ReadonlySet<string>): number {
  const used = containersOf(workload)
    .filter(({ name }) => !removed.has(name))
    .flatMap(({ value }) =>
      itemsAt(value, ['ports']).map((each) => valueAt(each.value, ['containerPort'])),
    );
  let port = DEFAULT_PORT;
  while (used.includes(port)) port += 1;
  return port;
}

/** Requests of the whole pod that would be less than the sum of those of its containers. */
export function exceededRequests(
  workload: Workload,
  removed: ReadonlySet<string>,
): readonly Problem[] {
  const { value, spec } = workload;
  const lasting = containersOf(workload).filter(
    (each) => (!each.init || each.value.restartPolicy === 'Always') && !removed.has(each.name),
  );
  return Object.entries(SIDECAR_REQUESTS).flatMap(([resource, own]) => {
    const pointer = [...spec, 'resources', 'requests', resource];
    const ofPod = quantityOf(valueAt(value, pointer));
    if (ofPod === undefined) return [];
    const requests = lasting.map((each) =>
      valueAt(each.value, ['resources', 'requests', resource]),
    );
    const sum = [own, ...requests].reduce<number>(
      (total, each) => total + (quantityOf(each) ?? 0),
      0,
    );
    if (sum <= ofPod) return [];
    const args = [String(valueAt(value, pointer)), resource, own];
    return [{ code: 'LG_INJECT_REQUESTS', args, pointer } as const];
  });
}

/** Whether the quality of service of the pod is Guaranteed, which other requests of lastgood would end. */
export function isGuaranteed(workload: Workload, removed: ReadonlySet<string>): boolean {
  return containersOf(workload)
    .filter(({ name }) => !removed.has(name))
    .every(({ value }) =>
      Object.keys(SIDECAR_REQUESTS).every((resource) => {
        const limit = valueAt(value, ['resources', 'limits', resource]);
        const request = valueAt(value, ['resources', 'requests', resource]) ?? limit;
        return limit !== undefined && quantityOf(request) === quantityOf(limit);
      }),
    );
}

/** For readers that are neither the owner nor in the group. */
const READ_BY_OTHERS = 0o004;

/** Volumes whose files only root may read. With fsGroup, the group may too. */
export function unreadableVolumes(
  { value, spec, writtenAt }: Workload,
  volumes: readonly ConfigVolume[],
): readonly Problem[] {
  if (valueAt(value, [...spec, 'securityContext', 'fsGroup']) !== undefined) return [];
  const all = sourcesOf(value, spec);
  return volumes.flatMap(({ name, pointer: at }): readonly Problem[] => {
    const sources = all.filter(({ volume }) => volume === name);
    const closed = modePlaces(value, at, sources).flatMap((pointer) => {
      if (valueAt(value, pointer) === undefined) return [];
      const mode = Number(writtenAt(pointer).replace(/^0o?(?=[0-7]+$)/, '0o'));
      return Number.isInteger(mode) && (mode & READ_BY_OTHERS) === 0 ? { mode, pointer } : [];
    });
    return closed.slice(0, 1).map(({ mode, pointer }) => {
      const shown = mode.toString(8).padStart(4, '0');
      return { code: 'LG_INJECT_MODE', args: [name, shown], pointer };
    });
  });
}

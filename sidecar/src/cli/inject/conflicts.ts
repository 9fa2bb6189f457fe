import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { quantityOf } from '../manifests/quantity.ts';
import { type ConfigVolume, containersOf, type Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import {
  RUN_VOLUME,
  SETTINGS_VOLUME,
  SIDECAR,
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

const SIDECAR_REQUESTS = { cpu: '50m', memory: '32Mi' } as const;

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

/** For readers that are neither the owner nor in the group. */
const READ_BY_OTHERS = 0o004;

/** Volumes whose files only root may read. With fsGroup, the group may too. */
export function unreadableVolumes(
  { value, spec, writtenAt }: Workload,
  volumes: readonly ConfigVolume[],
): readonly Problem[] {
  if (valueAt(value, [...spec, 'securityContext', 'fsGroup']) !== undefined) return [];
  return volumes.flatMap(({ name, pointer: at }) =>
    ['configMap', 'secret', 'projected'].flatMap((source): readonly Problem[] => {
      const pointer = [...at, source, 'defaultMode'];
      if (valueAt(value, pointer) === undefined) return [];
      const written = writtenAt(pointer);
      const mode = Number(written.replace(/^0o?(?=[0-7]+$)/, '0o'));
      if (!Number.isInteger(mode) || (mode & READ_BY_OTHERS) !== 0) return [];
      const shown = mode.toString(8).padStart(4, '0');
      return [{ code: 'LG_INJECT_MODE', args: [name, shown], pointer }];
    }),
  );
}

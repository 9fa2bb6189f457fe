import { type ConfigVolume, configVolumesOf, type Workload } from './pod.ts';
import type { Problem } from './problem.ts';

export interface Chosen {
  readonly volumes: readonly ConfigVolume[];
  readonly problems: readonly Problem[];
}

/** The volumes of a pod that lastgood watches: those with the names, else all that are configuration. */
export function chooseVolumes(workload: Workload, names: readonly string[]): Chosen {
  const all = configVolumesOf(workload);
  const wanted =
    names.length === 0
      ? all.filter(({ isConfiguration, mounts }) => isConfiguration && mounts.length > 0)
      : all.filter(({ name }) => names.includes(name));
  const unmounted = wanted.filter(({ mounts }) => mounts.length === 0);
  const problems = unmounted.map(
    ({ name, at, subPath }): Problem =>
      subPath === undefined
        ? { code: 'LG_INJECT_NO_VOLUME', args: [workload.shownName], pointer: at }
        : { code: 'LG_INJECT_SUB_PATH', args: [name], pointer: subPath },
  );
  return { volumes: wanted, problems };
}

/** Why a pod has nothing to watch: the first mount of a single file, or nothing at all. */
export function nothingToWatch(workload: Workload): Problem {
  const file = configVolumesOf(workload).find(
    ({ isConfiguration, subPath }) => isConfiguration && subPath !== undefined,
  );
  if (file?.subPath !== undefined)
    return { code: 'LG_INJECT_SUB_PATH', args: [file.name], pointer: file.subPath };
  return { code: 'LG_INJECT_NO_VOLUME', args: [workload.shownName], pointer: workload.at };
}

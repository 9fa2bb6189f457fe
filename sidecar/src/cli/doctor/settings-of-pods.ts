import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import { load } from '../../settings/load.ts';
import type { Settings } from '../../settings/settings.ts';
import type { ConfigObject } from '../manifests/config-object.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { type Container, configsOf, type Pod } from '../manifests/pods.ts';
import { DEFAULT_CONFIG } from '../run/command.ts';
import { isLastgood } from './reloaders.ts';

/** The settings of the lastgood in a pod, and its container. */
export interface SettingsOfPod {
  readonly container: Container;
  readonly settings: Settings;
}

/** Reads the settings of every pod with lastgood whose ConfigMap is given. */
export async function readSettingsOfPods(
  pods: readonly Pod[],
  configs: readonly ConfigObject[],
): Promise<ReadonlyMap<Pod, SettingsOfPod>> {
  const found = new Map<Pod, SettingsOfPod>();
  for (const pod of pods)
    for (const container of pod.containers.filter(isLastgood)) {
      const file = settingsFileOf(container, configs);
      if (file === undefined) continue;
      const loaded = await load(file.path, () => Promise.resolve(file.bytes));
      if (loaded.ok) found.set(pod, { container, settings: loaded.settings });
    }
  return found;
}

/** Where a lastgood looks for its settings, and the mount that has them. */
export function settingsPlaceOf({ mounts, value, words }: Container) {
  const flag = words.flatMap(({ text }, index) =>
    text === '--config' ? (words[index + 1]?.text ?? []) : (/^--config=(.+)/.exec(text)?.[1] ?? []),
  );
  const variable = itemsAt(value, ['env']).find(
    (each) => textAt(each.value, ['name']) === 'LASTGOOD_CONFIG',
  );
  const path = flag.at(-1) ?? textAt(variable?.value, ['value']) ?? DEFAULT_CONFIG;
  const mount = mounts.find(
    (each) => each.subPathAt === undefined && path.startsWith(`${each.mountPath}/`),
  );
  return { path, mount };
}

/** The key of a given ConfigMap that the container mounts where it looks for its settings. */
function settingsFileOf(
  container: Container,
  configs: readonly ConfigObject[],
): SnapshotFile | undefined {
  const { pod } = container;
  const { path, mount } = settingsPlaceOf(container);
  const key = path.slice((mount?.mountPath.length ?? 0) + 1);
  const sources = pod.volumes.find(({ name }) => name === mount?.volume)?.sources ?? [];
  return sources
    .flatMap((source) => configsOf(pod, source, configs))
    .flatMap(({ files }) => files.flatMap(({ file }) => (file.path === key ? file : [])))[0];
}

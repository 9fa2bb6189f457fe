import { basename, dirname } from 'node:path';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { isMapping } from '@lastgood/core/model/mapping.ts';
import { load } from '../../settings/load.ts';
import type { Settings } from '../../settings/settings.ts';
import type { ConfigObject, ContentFile } from '../manifests/config-object.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { type Container, configsOf, type Pod } from '../manifests/pods.ts';
import { DEFAULT_CONFIG } from '../run/command.ts';
import { isLastgood } from './reloaders.ts';

/** The settings of the lastgood in a pod, and its container. */
interface SettingsOfPod {
  readonly container: Container;
  readonly settings: Settings;
}

/** A settings file that lastgood refuses at its start. */
export interface WrongSettings extends SettingsFile {
  readonly container: Container;
  /** Places are those in the file. */
  readonly findings: readonly Finding[];
}

/** The settings of every pod with lastgood whose ConfigMap is given. */
export interface SettingsOfPods {
  readonly settings: ReadonlyMap<Pod, SettingsOfPod>;
  readonly wrong: readonly WrongSettings[];
}

export async function readSettingsOfPods(
  pods: readonly Pod[],
  configs: readonly ConfigObject[],
): Promise<SettingsOfPods> {
  const settings = new Map<Pod, SettingsOfPod>();
  const wrong: WrongSettings[] = [];
  for (const pod of pods)
    for (const container of pod.containers.filter(isLastgood)) {
      const found = settingsFileOf(container, configs);
      if (found === undefined) continue;
      const { bytes } = found.content.file;
      const loaded = await load(found.path, () => Promise.resolve(bytes));
      const findings = loaded.ok ? missingSchemas(loaded.settings, found) : loaded.findings;
      if (loaded.ok) settings.set(pod, { container, settings: loaded.settings });
      if (findings.length > 0) wrong.push({ ...found, container, findings });
    }
  return { settings, wrong };
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

/** A key of a given ConfigMap or Secret, and what it holds. */
interface SettingsFile {
  /** In the container. */
  readonly path: string;
  /** What is beside the file comes from the same object. */
  readonly isAlone: boolean;
  readonly config: ConfigObject;
  readonly content: ContentFile;
}

/** The key that the container mounts where it looks for its settings. */
function settingsFileOf(
  container: Container,
  configs: readonly ConfigObject[],
): SettingsFile | undefined {
  const { pod, mounts } = container;
  const { path, mount } = settingsPlaceOf(container);
  const directory = `${mount?.mountPath ?? ''}/`;
  const key = path.slice(directory.length);
  const volume = pod.volumes.find(({ name }) => name === mount?.volume);
  const sources = volume?.sources ?? [];
  const isAlone =
    isMapping(volume?.value.configMap) &&
    volume.value.configMap.items === undefined &&
    !mounts.some((each) => each.mountPath.startsWith(directory));
  return sources
    .flatMap((source) => configsOf(pod, source, configs))
    .flatMap((config) =>
      config.files.flatMap((content) =>
        content.file.path === key ? { path, isAlone, config, content } : [],
      ),
    )[0];
}

/** Schemas that should be beside the settings, and are not. */
function missingSchemas(
  { bundles }: Settings,
  { path, isAlone, config }: SettingsFile,
): readonly Finding[] {
  if (!isAlone) return [];
  const directory = dirname(path);
  const schemas = bundles
    .flatMap(({ validate }) => validate)
    .flatMap((check) => ('schema' in check && check.schema !== undefined ? check.schema : []));
  return schemas
    .filter((each) => dirname(each.path) === directory)
    .filter((each) => !config.keys.includes(basename(each.path)))
    .map((each) => {
      const reason = `${config.object.kind} ${config.object.name} has no such key`;
      return findingOf('LG_SETTINGS_SCHEMA', [each.path, reason], each.namedAt);
    });
}

import { yaml } from '@lastgood/core/formats/yaml.ts';
import { isMapping, type Mapping } from '@lastgood/core/model/mapping.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { SHARED_PROCESSES } from '../../presets/parts.ts';
import type { Preset } from '../../presets/preset.ts';
import { isPreset, PRESETS, type PresetName } from '../../presets/presets.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { isReplacedWithName, restartersOf } from '../manifests/restarts.ts';
import type { Mode } from './modes.ts';
import type { ConfigVolume, Workload } from './pod.ts';

/** What works, and may not do what the user expects. */
export function notesOf(
  workload: Workload,
  volumes: readonly ConfigVolume[],
  port: number,
  isUserKnown: boolean,
): readonly string[] {
  const { spec, shownName } = workload;
  const notes = volumes.flatMap(({ name, subPath, rotates }) => [
    ...(subPath === undefined
      ? []
      : [`a container mounts a file of the volume ${name} by subPath, which never updates`]),
    ...(rotates
      ? [
          `the volume ${name} has a token or certificate that the kubelet renews, and each is a change: mount it as another volume`,
        ]
      : []),
  ]);
  if (spec.hostNetwork === true)
    notes.push(`with hostNetwork, lastgood uses port ${port} of the node`);
  if (!isUserKnown)
    notes.push(
      'the manifest does not say which user the app runs as, and lastgood must be the same: set runAsUser',
    );
  return [...notes.map((note) => `${shownName}: ${note}`), ...notesOnRestarts(workload, volumes)];
}

/** What replaces a pod for each change is faster than lastgood, and checks nothing. */
export function notesOnRestarts(
  workload: Workload,
  volumes: readonly ConfigVolume[],
): readonly string[] {
  const names = volumes.flatMap(({ sources }) => sources.map(({ name }) => name));
  const reasons = [
    ...restartersOf(workload).map(({ name }) => name),
    ...names
      .filter((name) => isReplacedWithName(name, { hashed: new Set() }))
      .map((name) => `the hash in the name ${name}`),
  ];
  return reasons.map(
    (reason) =>
      `${workload.shownName}: ${reason} makes new pods for each change, without the checks of lastgood: remove it`,
  );
}

/** The startup probe waits for a first version, and the app starts after it. */
export function notesOnOptional(
  { shownName }: Workload,
  volumes: readonly ConfigVolume[],
): readonly string[] {
  return volumes
    .filter(({ sources }) => sources.length > 0 && sources.every(({ optional }) => optional))
    .map(
      ({ name }) =>
        `${shownName}: the volume ${name} is optional, and the pod now waits until it has a file`,
    );
}

/**
 * What the bundles need, as they are with the edits of a person.
 *
 * @param bodyless - by volume: the reloaders of today whose requests have no body
 */
export function notesOnBundles(
  workload: Workload,
  settings: unknown,
  mode: Mode,
  bodyless: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const parsed = yaml.parse(String(settings));
  const bundles = parsed.ok ? itemsAt(parsed.documents[0]?.value, ['bundles']) : [];
  return bundles
    .flatMap(({ value: bundle }) => {
      const name = textAt(bundle, ['name']) ?? '';
      const preset = presetOf(bundle);
      const needs = preset === undefined ? [] : needsOf(preset, workload, mode);
      const isSilent = preset === undefined && valueAt(bundle, ['targets']) === undefined;
      return [
        ...needs.map(
          (need) => `the volume ${name} has the preset ${preset?.name}, which needs: ${need}`,
        ),
        ...(isSilent
          ? [`no target for the volume ${name}: the app must watch its files, or set --webhook`]
          : []),
        ...(hasBodylessTarget(bundle) ? (bodyless.get(name) ?? []) : []).map(
          (container) =>
            `requests have no body, as those of the container ${container}: if the app expects the event of lastgood, set --webhook`,
        ),
      ];
    })
    .map((note) => `${workload.shownName}: ${note}`);
}

interface UsedPreset {
  readonly name: PresetName;
  readonly parameters: Mapping;
}

function presetOf(bundle: unknown): UsedPreset | undefined {
  const preset = valueAt(bundle, ['preset']);
  const parameters = isMapping(preset) ? preset : { name: preset };
  const name = textAt(parameters, ['name']);
  return name !== undefined && isPreset(name) ? { name, parameters } : undefined;
}

/** What inject has not done itself, and the manifest does not show. */
function needsOf(
  { name, parameters }: UsedPreset,
  { containers }: Workload,
  mode: Mode,
): readonly string[] {
  const preset: Preset = PRESETS[name];
  const unused = Object.entries(preset.needsFor).flatMap(([parameter, need]) =>
    parameters[parameter] === undefined ? [need] : [],
  );
  const words = containers.flatMap(({ value }) =>
    ['command', 'args'].flatMap((key) => itemsAt(value, [key]).map((each) => each.value)),
  );
  const hasFlag = preset.flag !== undefined && words.includes(preset.flag);
  return preset.needs
    .slice(hasFlag ? 1 : 0)
    .filter((need) => !unused.includes(need) && (need !== SHARED_PROCESSES || mode !== 'signal'));
}

function hasBodylessTarget(bundle: unknown): boolean {
  const targets = itemsAt(bundle, ['targets']);
  return targets.some(({ value }) => textAt(value, ['webhook', 'body']) === 'none');
}

import { yaml } from '@lastgood/core/formats/yaml.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt, textAt } from '../manifests/objects.ts';
import { isReplacedWithName, restartersOf } from '../manifests/restarts.ts';
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

/** Bundles without a target. */
export function notesOnTargets({ shownName }: Workload, settings: unknown): readonly string[] {
  const parsed = yaml.parse(String(settings));
  const bundles = parsed.ok ? itemsAt(parsed.documents[0]?.value, ['bundles']) : [];
  return bundles
    .filter(({ value }) =>
      ['targets', 'preset'].every((key) => valueAt(value, [key]) === undefined),
    )
    .map(
      ({ value }) =>
        `${shownName}: no target for the volume ${textAt(value, ['name'])}: the app must watch its files, or set --webhook`,
    );
}

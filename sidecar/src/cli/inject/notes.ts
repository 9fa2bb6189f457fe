import { valueAt } from '@lastgood/core/model/pointer.ts';
import { sourcesOf } from '../manifests/pod-volumes.ts';
import type { ConfigVolume, Workload } from './pod.ts';

/** What works, and may not do what the user expects. */
export function notesOf(
  { value, spec, shownName }: Workload,
  volumes: readonly ConfigVolume[],
  port: number,
  isUserKnown: boolean,
): readonly string[] {
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
  if (valueAt(value, [...spec, 'hostNetwork']) === true)
    notes.push(`with hostNetwork, lastgood uses port ${port} of the node`);
  if (!isUserKnown)
    notes.push(
      'the manifest does not say which user the app runs as, and lastgood must be the same: set runAsUser',
    );
  return notes.map((note) => `${shownName}: ${note}`);
}

/** The startup probe waits for a first version, and the app starts after it. */
export function notesOnOptional(
  { value, spec, shownName }: Workload,
  volumes: readonly ConfigVolume[],
): readonly string[] {
  const sources = sourcesOf(value, spec);
  return volumes
    .filter(({ name }) => {
      const own = sources.filter(({ volume }) => volume === name);
      return own.length > 0 && own.every(({ optional }) => optional);
    })
    .map(
      ({ name }) =>
        `${shownName}: the volume ${name} is optional, and the pod now waits until it has a file`,
    );
}

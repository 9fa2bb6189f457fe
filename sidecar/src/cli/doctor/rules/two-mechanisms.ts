import { quote } from '@lastgood/core/model/quote.ts';
import type { ManifestObject } from '../../manifests/objects.ts';
import { type Container, mappingAt, type Pod } from '../../manifests/pods.ts';
import { isReplacedWithName, restartersOf } from '../../manifests/restarts.ts';
import { type Reloader, reloadersOf } from '../reloaders.ts';
import type { Problem, Rule } from '../rule.ts';
import { settingsPlaceOf } from '../settings-of-pods.ts';

export const twoMechanisms: Rule = {
  code: 'LG_DOCTOR_TWO_MECHANISMS',
  severity: 'warning',
  why: `A checksum annotation, Stakater Reloader, wave or a name with a hash makes new pods for each change. A reloader in
the pod is then never needed: before it has notified the app, the pod is replaced, without the checks and the rollback
that you added it for. Only the settings of lastgood need new pods. Reloaders beside each other notify the app twice.`,
  check: ({ pods, objects, tools }) =>
    pods.flatMap((pod) => {
      const reloaders = reloadersOf(pod);
      const [first] = reloaders;
      if (first === undefined) return [];
      const watched = new Set(reloaders.flatMap(watchedVolumesOf));
      return [
        ...restartersOf(pod).map(({ name, at }) => problem(pod, at, [shown(first), name])),
        ...canariesOf(pod.object, objects).map(({ name }) =>
          problem(pod, ['metadata', 'name'], [shown(first), `the Canary ${name} of Flagger`]),
        ),
        ...pod.volumes
          .filter(({ name }) => watched.has(name))
          .flatMap(({ sources }) => sources)
          .filter(({ name }) => isReplacedWithName(name, tools))
          .map(({ name, pointer }) =>
            problem(pod, pointer, [shown(first), `the hash in the name ${name}`]),
          ),
        ...reloaders.slice(1).flatMap((other) => {
          // Two of the others may each notify an app; lastgood is meant to take their place.
          const isDouble = [first, other].some(({ kind }) => kind === 'lastgood');
          if (!isDouble || !sharesVolume(first.container, other.container)) return [];
          return problem(pod, other.container.at, [shown(first), shown(other)]);
        }),
      ];
    }),
};

/** Flagger makes new pods when a ConfigMap or Secret of its target changes. */
function canariesOf(
  { kind, name, namespace }: ManifestObject,
  objects: readonly ManifestObject[],
): readonly ManifestObject[] {
  return objects.filter((each) => {
    const target = mappingAt(each.value, ['spec', 'targetRef']);
    const isTarget = target.kind === kind && target.name === name;
    return each.kind === 'Canary' && isTarget && each.namespace === namespace;
  });
}

/** Without the settings of lastgood, which it reads at its start only: they need new pods. */
function watchedVolumesOf({ container, kind }: Reloader) {
  const settings = kind === 'lastgood' ? settingsPlaceOf(container).mount : undefined;
  return volumesOf(container.mounts.filter((mount) => mount !== settings));
}

type Mounts = Container['mounts'];

function volumesOf(mounts: Mounts) {
  return mounts.map(({ volume }) => volume);
}

function sharesVolume(one: { mounts: Mounts }, other: { mounts: Mounts }): boolean {
  const volumes = new Set(volumesOf(one.mounts));
  return volumesOf(other.mounts).some((volume) => volumes.has(volume));
}

function shown({ container }: Reloader): string {
  return `the container ${quote(container.name)}`;
}

function problem(pod: Pod, at: Problem['at'], args: readonly string[]): Problem {
  return { object: pod.object, at, args, part: 'key' };
}

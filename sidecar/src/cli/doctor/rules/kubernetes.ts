import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { itemsAt } from '../../manifests/objects.ts';
import { FEATURES, type Feature } from '../kubernetes-versions.ts';
import type { Problem, Rule } from '../rule.ts';

export const kubernetes: Rule = {
  code: 'LG_DOCTOR_KUBERNETES',
  severity: 'error',
  why: `Only with \`--kubernetes\`. The API server of an older version drops a field that it does not know, or refuses
the object: the pod then runs without it. [Kubernetes versions](kubernetes.md) has the table. Where a feature gate can
switch it on, this is a warning.`,
  check: ({ pods, minor }) => {
    const lacking = FEATURES.filter(({ onSince = Number.POSITIVE_INFINITY }) =>
      minor === undefined ? false : minor < onSince,
    );
    return pods.flatMap(({ object, at }) =>
      lacking.flatMap((feature) =>
        feature.paths
          .flatMap((path) => placesOf(object.value, at, path))
          .filter((place) => isFeature(feature, valueAt(object.value, place)))
          .map((place) => problem(object, place, feature, minor ?? 0)),
      ),
    );
  },
};

function isFeature({ value: wanted }: Feature, value: unknown): boolean {
  return wanted === undefined ? value !== undefined : value === wanted;
}

function problem(
  object: Problem['object'],
  at: Pointer,
  { name, gateSince, onSince, gate }: Feature,
  minor: number,
): Problem {
  const since = onSince === undefined ? 'no version has it on by default' : `1.${onSince} has it`;
  const fix = `run a cluster with Kubernetes 1.${onSince ?? gateSince}, switch on the feature gate ${gate}, or leave it out`;
  const severity = minor >= gateSince ? 'warning' : 'error';
  return { object, at, part: 'key', args: [name, `1.${minor}`, since], fix, severity };
}

/** Every place of a path in the spec of a pod. */
function placesOf(root: unknown, spec: Pointer, path: string): readonly Pointer[] {
  return path.split('.').reduce<readonly Pointer[]>(
    (places, step) => {
      const key = step.replace('[]', '');
      const next = places.map((place) => [...place, key]);
      if (key === step) return next;
      return next.flatMap((place) => itemsAt(root, place).map(({ pointer }) => pointer));
    },
    [spec],
  );
}

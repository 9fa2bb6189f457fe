import { quote } from '@lastgood/core/model/quote.ts';
import { itemsAt } from '../../manifests/objects.ts';
import { reloadersOf } from '../reloaders.ts';
import type { Rule } from '../rule.ts';

export const token: Rule = {
  code: 'LG_DOCTOR_TOKEN',
  severity: 'warning',
  why: `The kubelet renews the token of a service account before it expires, by default each hour, and swaps the whole
volume. A reloader that watches the volume takes that for a change of the configuration.`,
  check: ({ pods }) =>
    pods.flatMap((pod) => {
      const reloaders = reloadersOf(pod).filter(({ kind }) => kind !== 'lastgood');
      return pod.volumes.flatMap(({ name, at }) => {
        const watching = reloaders.find(({ container }) =>
          container.mounts.some(({ volume }) => volume === name),
        );
        const sources = itemsAt(pod.object.value, [...at, 'projected', 'sources']);
        const isToken = (source: unknown) =>
          JSON.stringify(source).includes('"serviceAccountToken"');
        const found = sources.find(({ value }) => isToken(value));
        if (watching === undefined || found === undefined || sources.length < 2) return [];
        const args = [quote(name ?? ''), quote(watching.container.name)];
        return { object: pod.object, at: found.pointer, args };
      });
    }),
};

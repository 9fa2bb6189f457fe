import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { textAt } from './objects.ts';
import { mappingAt, type Pod } from './pods.ts';
import type { Tools } from './tools.ts';

/** Something that replaces the pods of a workload when its configuration changes. */
export interface Restarter {
  readonly name: string;
  /** In the object, the key that switches it on. */
  readonly at: Pointer;
}

const CHECKSUM = 'a checksum annotation';

const ANNOTATIONS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^(?:(?:configmap|secret)s?\.)?reloader\.stakater\.com\/(?!ignore|match)/, 'Stakater Reloader'],
  [/^wave\.pusher\.com\/update-on-config-change$/, 'wave'],
  [/(?:^|[./-])(?:checksum|sha256|config-?hash)(?:[/.-]|$)|checksum$/i, CHECKSUM],
];

/** The annotations that make pods restart on a change of their ConfigMaps or Secrets. */
export function restartersOf({ object, metadataAt }: Pod): readonly Restarter[] {
  const places = [['metadata'], metadataAt].map((at) => [...at, 'annotations']);
  const [own = [], ofPod = []] = places;
  const isSame = own.length === ofPod.length;
  return (isSame ? [own] : [own, ofPod]).flatMap((at) =>
    Object.keys(mappingAt(object.value, at)).flatMap((key) => {
      const name = ANNOTATIONS.find(([pattern]) => pattern.test(key))?.[1];
      // On the Deployment itself it replaces no pod; settings of lastgood are not those of the app.
      const isUseless = name === CHECKSUM && ((at === own && !isSame) || key.includes('lastgood'));
      const isOff = textAt(object.value, [...at, key]) === 'false';
      return name === undefined || isUseless || isOff ? [] : { name, at: [...at, key] };
    }),
  );
}

/**
 * Whether each change makes new pods, so that it does not matter what a running one sees. An operator may
 * do that for the pods that it makes.
 */
export function isReplacedOnChange(pod: Pod): boolean {
  return !pod.runsAsWritten || restartersOf(pod).length > 0;
}

/** The suffix that Kustomize gives to a generated name. Source: kustomize api/hasher, encode. */
const HASH_SUFFIX = /-[bcdfghkmt2456789]{10}$/;

/** Whether the name of an object changes with its content, so that each change makes new pods. */
export function isReplacedWithName(name: string, { hashed }: Pick<Tools, 'hashed'>): boolean {
  return HASH_SUFFIX.test(name) || hashed.has(name);
}

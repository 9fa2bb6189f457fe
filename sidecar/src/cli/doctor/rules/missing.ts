import { quote } from '@lastgood/core/model/quote.ts';
import { isMisspelling } from '../../../settings/did-you-mean.ts';
import type { ConfigObject } from '../../manifests/config-object.ts';
import { configsOf, type EnvSource, envSourcesOf, type Pod } from '../../manifests/pods.ts';
import type { Rule } from '../rule.ts';

export const missing: Rule = {
  code: 'LG_DOCTOR_MISSING',
  severity: 'warning',
  why: `A pod waits without end for a ConfigMap or Secret that does not exist in its own namespace. An object that you
did not give may exist all the same, so doctor reports only what looks like a mistake: the object is in another
namespace, it is of the other kind, or its name is misspelt, and no pod uses the one that is there.`,
  check: ({ pods, configs, tools }) => {
    const references = pods.flatMap((pod) =>
      referencesOf(pod).map((reference) => ({ pod, ...reference })),
    );
    const used = new Set(references.map(({ kind, name }) => `${kind} ${name}`));
    return references.flatMap(({ pod, kind, name, at }) => {
      if (configsOf(pod, { kind, name }, configs).length > 0 || tools.mentioned.has(name))
        return [];
      const reason = reasonOf({ pod, kind, name }, configs, used);
      return reason === undefined
        ? []
        : { object: pod.object, at, args: [`${kind} ${quote(name)}`, reason] };
    });
  },
};

type Reference = Pick<EnvSource, 'kind' | 'name' | 'at'>;

/** What a pod needs to start. */
function referencesOf({ volumes, containers }: Pod): readonly Reference[] {
  const ofVolumes = volumes
    .flatMap(({ sources }) => sources)
    .map(({ kind, name, optional, pointer }) => {
      const nameKey = kind === 'Secret' && !pointer.includes('projected') ? 'secretName' : 'name';
      return { kind, name, optional, at: [...pointer, nameKey] };
    });
  return [...ofVolumes, ...containers.flatMap(envSourcesOf)].filter(({ optional }) => !optional);
}

function reasonOf(
  { pod, kind, name }: Pick<Reference, 'kind' | 'name'> & { readonly pod: Pod },
  configs: readonly ConfigObject[],
  used: ReadonlySet<string>,
): string | undefined {
  const { namespace } = pod.object;
  const [elsewhere] = configs.filter(({ object }) => object.kind === kind && object.name === name);
  if (elsewhere !== undefined)
    return `it is in the namespace ${elsewhere.object.namespace}, and the pod in ${namespace}`;
  const other = kind === 'Secret' ? 'ConfigMap' : 'Secret';
  // An app often has a ConfigMap and a Secret of the same name.
  const isOther = configsOf(pod, { kind: other, name }, configs).length > 0;
  if (isOther && !used.has(`${other} ${name}`)) return `a ${other} has this name`;
  const near = configs.find(
    ({ object }) =>
      configsOf(pod, { kind, name: object.name }, configs).length > 0 &&
      isMisspelling(object.name, name) &&
      !used.has(`${kind} ${object.name}`),
  );
  return near === undefined ? undefined : `did you mean ${quote(near.object.name)}?`;
}

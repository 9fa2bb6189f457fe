import { quote } from '@lastgood/core/model/quote.ts';
import { isMisspelling } from '../../../settings/did-you-mean.ts';
import { isSameObject } from '../../manifests/objects.ts';
import { configsOf, type EnvSource, envSourcesOf, type Pod } from '../../manifests/pods.ts';
import type { Rule, RuleContext } from '../rule.ts';

export const missing: Rule = {
  code: 'LG_DOCTOR_MISSING',
  severity: 'warning',
  why: `A pod waits without end for a ConfigMap or Secret that does not exist in its own namespace. An object that you
did not give may exist all the same, so doctor reports only what looks like a mistake: the object is in another
namespace, it is of the other kind, or its name is misspelt, and no pod uses the one that is there.`,
  check: (context) =>
    absentOf(context, false).flatMap(({ reference, used }) => {
      const { pod, kind, name, at } = reference;
      const reason = elsewhere(reference, context) ?? mistakeOf(reference, context, used);
      return reason === undefined
        ? []
        : { object: pod.object, at, args: [`${kind} ${quote(name)}`, reason] };
    }),
};

export const optional: Rule = {
  code: 'LG_DOCTOR_OPTIONAL',
  severity: 'warning',
  why: `What is \`optional\` may be missing without a message: the container starts, and the file or the variable is not
there. If it comes later, the file appears, and the variable only in a new container. Doctor reports only what looks like
a mistake: the name is misspelt, or it is that of an object of the other kind, and no pod uses the one that is there.`,
  check: (context) =>
    absentOf(context, true).flatMap(({ reference, used }) => {
      const { pod, kind, name, at } = reference;
      const reason = mistakeOf(reference, context, used);
      return reason === undefined
        ? []
        : { object: pod.object, at, args: [`${kind} ${quote(name)}`, reason] };
    }),
};

interface Reference extends Pick<EnvSource, 'kind' | 'name' | 'optional' | 'at'> {
  readonly pod: Pod;
}

/** What pods name, and neither is among the manifests nor comes from a tool. */
function absentOf({ pods, configs, tools }: RuleContext, isOptional: boolean) {
  const references = pods.flatMap(referencesOf);
  const used = new Set(references.map(({ kind, name }) => `${kind} ${name}`));
  return references
    .filter(
      ({ pod, kind, name, optional }) =>
        optional === isOptional &&
        configsOf(pod, { kind, name }, configs).length === 0 &&
        !tools.mentioned.has(name),
    )
    .map((reference) => ({ reference, used }));
}

function referencesOf(pod: Pod): readonly Reference[] {
  const ofVolumes = pod.volumes
    .flatMap(({ sources }) => sources)
    .map(({ kind, name, optional, pointer }) => {
      const nameKey = kind === 'Secret' && !pointer.includes('projected') ? 'secretName' : 'name';
      return { pod, kind, name, optional, at: [...pointer, nameKey] };
    });
  const ofVariables = pod.containers.flatMap(envSourcesOf);
  return [...ofVolumes, ...ofVariables.map((each) => ({ pod, ...each }))];
}

/** An optional object may be in some namespaces only. */
function elsewhere({ pod, kind, name }: Reference, { configs }: RuleContext): string | undefined {
  const found = configs.find(({ object }) => object.kind === kind && object.name === name);
  if (found === undefined) return undefined;
  return `it is in the namespace ${found.object.namespace}, and the pod in ${pod.object.namespace}`;
}

function mistakeOf(
  { pod, kind, name }: Reference,
  { configs }: RuleContext,
  used: ReadonlySet<string>,
): string | undefined {
  const other = kind === 'Secret' ? 'ConfigMap' : 'Secret';
  // An app often has a ConfigMap and a Secret of the same name.
  const isOther = configsOf(pod, { kind: other, name }, configs).length > 0;
  if (isOther && !used.has(`${other} ${name}`)) return `a ${other} has this name`;
  const { namespace } = pod.object;
  const near = configs.find(
    ({ object }) =>
      isSameObject(object, { kind, name: object.name, namespace }) &&
      !used.has(`${kind} ${object.name}`) &&
      isMisspelling(object.name, name),
  );
  return near === undefined ? undefined : `did you mean ${quote(near.object.name)}?`;
}

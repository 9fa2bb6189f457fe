import { itemsAt, type ManifestObject, textAt } from '../../manifests/objects.ts';
import { mappingAt, type Pod } from '../../manifests/pods.ts';
import { reloadersOf } from '../reloaders.ts';
import type { Problem, Rule } from '../rule.ts';

export const role: Rule = {
  code: 'LG_DOCTOR_ROLE',
  severity: 'warning',
  why: `A pod that reads its configuration from volumes needs no right for it: the kubelet reads the objects. lastgood
never calls the API. Reported only for the service account of a pod with a reloader: an attacker who takes over such a
pod could change the configuration of all others, or read their Secrets.`,
  check: ({ pods, objects }) => {
    const watched = pods.filter((pod) => reloadersOf(pod).length > 0);
    return objects
      .filter(({ kind }) => kind === 'RoleBinding' || kind === 'ClusterRoleBinding')
      .flatMap((binding) => {
        const pod = watched.find((each) => isSubject(binding, each));
        const wanted = mappingAt(binding.value, ['roleRef']);
        const found = objects.find(
          ({ kind, name, namespace }) =>
            kind === wanted.kind &&
            name === wanted.name &&
            (kind === 'ClusterRole' || namespace === binding.namespace),
        );
        return pod === undefined || found === undefined ? [] : problemsOf(found, pod);
      });
  },
};

function isSubject({ value, namespace }: ManifestObject, { spec, object }: Pod): boolean {
  return itemsAt(value, ['subjects']).some(({ value: subject }) => {
    const home = textAt(subject, ['namespace']) ?? namespace;
    return (
      textAt(subject, ['kind']) === 'ServiceAccount' &&
      textAt(subject, ['name']) === (spec.serviceAccountName ?? 'default') &&
      home === object.namespace
    );
  });
}

const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection', '*'];
const LISTS = ['list', 'watch', '*'];

function problemsOf(found: ManifestObject, pod: Pod): Problem[] {
  return itemsAt(found.value, ['rules']).flatMap(({ value, pointer }) => {
    const all = (field: string) => itemsAt(value, [field]).map((each) => String(each.value));
    const [groups, resources, verbs] = [all('apiGroups'), all('resources'), all('verbs')];
    if (!groups.some((group) => group === '' || group === '*')) return [];
    const has = (resource: string) => resources.includes(resource) || resources.includes('*');
    const some = (list: readonly string[]) => verbs.some((verb) => list.includes(verb));
    const isNamed = all('resourceNames').length > 0;
    const rights = [
      ...(has('configmaps') && some(WRITES) ? ['change ConfigMaps'] : []),
      ...(has('secrets') && some(WRITES) ? ['change Secrets'] : []),
      ...(has('secrets') && !isNamed && some(['get', ...LISTS]) ? ['read all Secrets'] : []),
    ];
    if (rights.length === 0) return [];
    const shown = `${found.kind} ${found.name}`;
    const args = [shown, `${pod.object.kind} ${pod.object.name}`, rights.join(' and ')];
    return { object: found, at: pointer, args };
  });
}

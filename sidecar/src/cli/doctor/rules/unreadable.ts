import { quote } from '@lastgood/core/model/quote.ts';
import { type Container, mappingAt, modesOf, type Pod, userOf } from '../../manifests/pods.ts';
import type { Problem, Rule } from '../rule.ts';

export const unreadable: Rule = {
  code: 'LG_DOCTOR_UNREADABLE',
  severity: 'error',
  why: `The kubelet writes the files of a ConfigMap or Secret as root. With a mode such as \`0400\`, another user can
read them only by \`fsGroup\`: then the files get that group, and the group may read them. Not reported where the
manifest does not say which user the container runs as: then the image decides.`,
  check: ({ pods }) =>
    pods
      .filter(({ spec }) => mappingAt(spec, ['securityContext']).fsGroup === undefined)
      .flatMap((pod) => pod.containers.flatMap((container) => problemsOf(pod, container))),
};

function problemsOf(pod: Pod, container: Container): Problem[] {
  const user = userOf(container);
  if (user === undefined || user === 0) return [];
  const mounted = new Set(container.mounts.map(({ volume }) => volume));
  return (
    pod.volumes
      // A token alone belongs to the user of the containers.
      .filter(({ name, sources }) => mounted.has(name) && sources.length > 0)
      .flatMap((volume) => {
        const closed = modesOf(pod, volume).find(({ mode }) => !isReadable(container, mode));
        if (closed === undefined) return [];
        const shownUser = user === 'any' ? 'a user other than root' : `user ${user}`;
        const shownMode = `0${closed.mode.toString(8).padStart(3, '0')}`;
        const group = user === 'any' ? 'the group of the app' : user;
        return {
          object: pod.object,
          at: closed.at,
          args: [quote(container.name), shownUser, quote(volume.name ?? ''), shownMode],
          fix: `set securityContext.fsGroup: ${group} in the spec of the pod, or defaultMode: 0444`,
        };
      })
  );
}

const READ_BY_GROUP = 0o040;
const READ_BY_OTHERS = 0o004;

/** The files belong to root and its group, which may be the group of a container that names none. */
function isReadable({ pod, value }: Container, mode: number): boolean {
  if (mode & READ_BY_OTHERS) return true;
  const own = mappingAt(value, ['securityContext']);
  const { runAsGroup, supplementalGroups } = mappingAt(pod.spec, ['securityContext']);
  const group = own.runAsGroup ?? runAsGroup ?? 0;
  const groups = Array.isArray(supplementalGroups) ? supplementalGroups : [];
  return (mode & READ_BY_GROUP) !== 0 && [group, ...groups].includes(0);
}

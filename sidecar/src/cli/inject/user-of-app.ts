import type { Pointer } from '@lastgood/core/model/pointer.ts';
import { mappingAt, userOf } from '../manifests/pods.ts';
import type { Workload } from './pod.ts';
import type { Problem } from './problem.ts';

/** The user of the image of lastgood. */
const OWN_USER = 65_532;

/** The user that the container of lastgood sets; undefined: that of the pod or the image. */
export function ownUser({ spec }: Workload): number | undefined {
  // The container must not run as root.
  return mappingAt(spec, ['securityContext']).runAsUser === 0 ? OWN_USER : undefined;
}

/** The user that may signal the app, or why no user may that lastgood can have. */
export function userOfApp(
  workload: Workload,
  removed: ReadonlySet<string>,
):
  | { readonly user: number | undefined; readonly isKnown: boolean }
  | { readonly problem: Problem } {
  const { spec, at, containers } = workload;
  const refuse = (reason: string, pointer: Pointer) => ({
    problem: { code: 'LG_INJECT_SIGNAL', args: [reason], pointer } as const,
  });
  if (spec.hostPID === true)
    return refuse('hostPID shows it the processes of the whole node', [...at, 'hostPID']);
  const users = containers
    .filter(({ name, role }) => role === 'app' && !removed.has(name))
    .map((container) => ({ user: numberOf(userOf(container)), pointer: container.at }));
  const [first] = users;
  const other = users.find(({ user }) => user !== first?.user);
  if (other !== undefined) return refuse('its containers have several users', other.pointer);
  if (first?.user === 0) return refuse('it runs as root', first.pointer);
  const ofPod = mappingAt(spec, ['securityContext']).runAsUser;
  const user = first?.user === ofPod ? undefined : first?.user;
  return { user, isKnown: first?.user !== undefined };
}

function numberOf(user: ReturnType<typeof userOf>): number | undefined {
  return typeof user === 'number' ? user : undefined;
}

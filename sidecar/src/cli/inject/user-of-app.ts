import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { containersOf, type Workload } from './pod.ts';
import type { Problem } from './problem.ts';

/** The user of the image of lastgood. */
const OWN_USER = 65_532;

/** The user that the container of lastgood sets; undefined: that of the pod or the image. */
export function ownUser({ value, spec }: Workload): number | undefined {
  // The container must not run as root.
  return valueAt(value, [...spec, 'securityContext', 'runAsUser']) === 0 ? OWN_USER : undefined;
}

/** The user that may signal the app, or why no user may that lastgood can have. */
export function userOfApp(
  workload: Workload,
  removed: ReadonlySet<string>,
):
  | { readonly user: number | undefined; readonly isKnown: boolean }
  | { readonly problem: Problem } {
  const { value, spec } = workload;
  const refuse = (reason: string, pointer: Pointer) => ({
    problem: { code: 'LG_INJECT_SIGNAL', args: [reason], pointer } as const,
  });
  if (valueAt(value, [...spec, 'hostPID']) === true)
    return refuse('hostPID shows it the processes of the whole node', [...spec, 'hostPID']);
  const ofPod = valueAt(value, [...spec, 'securityContext', 'runAsUser']);
  const users = containersOf(workload)
    .filter(({ name, init }) => !init && !removed.has(name))
    .map(({ value: container, pointer }) => ({
      user: valueAt(container, ['securityContext', 'runAsUser']) ?? ofPod,
      pointer,
    }));
  const [first] = users;
  const other = users.find(({ user }) => user !== first?.user);
  if (other !== undefined) return refuse('its containers have several users', other.pointer);
  if (first?.user === 0) return refuse('it runs as root', first.pointer);
  const isKnown = typeof first?.user === 'number';
  return { user: isKnown && first.user !== ofPod ? Number(first.user) : undefined, isKnown };
}

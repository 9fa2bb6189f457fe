import { valueAt } from '@lastgood/core/model/pointer.ts';
import type { Container } from '../manifests/pods.ts';
import { quantityOf } from '../manifests/quantity.ts';
import type { Workload } from './pod.ts';
import type { Problem } from './problem.ts';
import { SIDECAR_LIMITS, SIDECAR_REQUESTS } from './sidecar-container.ts';

const RESOURCES = ['cpu', 'memory'] as const;

type Resource = (typeof RESOURCES)[number];

/** Limits and requests of the whole pod that lastgood does not fit into. */
export function exceededResources(
  workload: Workload,
  removed: ReadonlySet<string>,
): readonly Problem[] {
  const left = workload.containers.filter(({ name }) => !removed.has(name));
  return RESOURCES.flatMap((resource) => [
    ...exceededLimit(workload, resource),
    ...exceededRequest(workload, left, resource),
  ]);
}

/** The kernel ends a container if all of them together take more than the pod may. */
export function notesOnMemory(workload: Workload, removed: ReadonlySet<string>): readonly string[] {
  const limit = valueAt(workload.spec, ['resources', 'limits', 'memory']);
  const needed = workload.containers
    .filter(({ name, role }) => role !== 'init' && !removed.has(name))
    // NaN, if a container may take all that the pod may.
    .map(({ value }) => amountOf(valueAt(value, ['resources', 'limits', 'memory'])))
    .reduce((sum, each) => sum + each, amountOf(SIDECAR_LIMITS.memory));
  if (limit === undefined || amountOf(limit) >= needed) return [];
  const own = `lastgood, which may take ${SIDECAR_LIMITS.memory}`;
  return [
    `${workload.shownName}: the memory limit of the pod, ${limit}, is now also for ${own}: raise it if the app needs all of it`,
  ];
}

/** The limit of the pod is for all of its containers together. */
function exceededLimit({ spec, at }: Workload, resource: Resource): readonly Problem[] {
  const limit = valueAt(spec, ['resources', 'limits', resource]);
  const own = SIDECAR_LIMITS[resource];
  if (!(amountOf(limit) < amountOf(own))) return [];
  const pointer = [...at, 'resources', 'limits', resource];
  return [{ code: 'LG_INJECT_LIMITS', args: [String(limit), resource, own], pointer }];
}

/**
 * The API server refuses requests of the pod below those of its containers.
 *
 * Source: Kubernetes pkg/apis/core/validation, validatePodResourceConsistency
 */
function exceededRequest(
  { spec, at }: Workload,
  containers: readonly Container[],
  resource: Resource,
): readonly Problem[] {
  const request = valueAt(spec, ['resources', 'requests', resource]);
  const own = (areGuaranteed(containers) ? SIDECAR_LIMITS : SIDECAR_REQUESTS)[resource];
  if (!(amountOf(request) < requestOfAll(containers, resource, own))) return [];
  const pointer = [...at, 'resources', 'requests', resource];
  return [{ code: 'LG_INJECT_REQUESTS', args: [String(request), resource, own], pointer }];
}

/** What runs at once: an init container beside the sidecars before it, or all that last as long as the pod. */
function requestOfAll(containers: readonly Container[], resource: Resource, own: string): number {
  let lasting = amountOf(own);
  let highest = 0;
  for (const { role, value } of containers) {
    const request = amountOf(valueAt(value, ['resources', 'requests', resource]), 0);
    if (role === 'init') highest = Math.max(highest, lasting + request);
    else lasting += request;
  }
  return Math.max(highest, lasting);
}

/** Whether the quality of service of the pod is Guaranteed, which other requests of lastgood would end. */
export function isGuaranteed({ containers }: Workload, removed: ReadonlySet<string>): boolean {
  return areGuaranteed(containers.filter(({ name }) => !removed.has(name)));
}

function areGuaranteed(containers: readonly Container[]): boolean {
  return containers.every(({ value }) =>
    RESOURCES.every((resource) => {
      const limit = valueAt(value, ['resources', 'limits', resource]);
      const request = valueAt(value, ['resources', 'requests', resource]) ?? limit;
      return limit !== undefined && quantityOf(request) === quantityOf(limit);
    }),
  );
}

/** In thousandths, the smallest unit of the API: a sum of fractions is not exact. */
function amountOf(quantity: unknown, otherwise = Number.NaN): number {
  return Math.round((quantityOf(quantity) ?? otherwise) * 1000);
}

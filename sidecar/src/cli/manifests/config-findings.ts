import type { Finding } from '@lastgood/core/model/finding.ts';
import type { ConfigObject } from './config-object.ts';
import { configsOf, envSourcesOf, type Pod } from './pods.ts';
import { isReplacedOnChange, isReplacedWithName } from './restarts.ts';
import type { Tools } from './tools.ts';

/** The findings about an object as a whole, without those about changes that none of its pods would see anyway. */
export function findingsOfConfig(
  config: ConfigObject,
  around: { readonly pods: readonly Pod[]; readonly tools: Tools },
): readonly Finding[] {
  // All pods are searched for it, so only where it counts.
  return config.findings.filter(
    ({ code }) => code !== 'LG_MANIFEST_IMMUTABLE' || mayChangeLive(config, around),
  );
}

/** Whether a running pod may see a change of the object, if it were not immutable. */
function mayChangeLive(
  config: ConfigObject,
  { pods, tools }: { readonly pods: readonly Pod[]; readonly tools: Tools },
): boolean {
  if (isReplacedWithName(config.object.name, tools)) return false;
  const reads = (pod: Pod, sources: readonly Parameters<typeof configsOf>[1][]) =>
    sources.some((source) => configsOf(pod, source, [config]).length > 0);
  const mounting = pods.filter((pod) =>
    reads(
      pod,
      pod.volumes.flatMap(({ sources }) => sources),
    ),
  );
  const isUsed =
    mounting.length > 0 || pods.some((pod) => reads(pod, pod.containers.flatMap(envSourcesOf)));
  // Pods that are not among the manifests may mount it.
  return !isUsed || mounting.some((pod) => !pod.runsOnce && !isReplacedOnChange(pod));
}

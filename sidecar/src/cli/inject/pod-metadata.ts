import { isMapping } from '@lastgood/core/model/mapping.ts';
import { valueAt } from '@lastgood/core/model/pointer.ts';
import { type Change, setKeys } from './changes.ts';
import type { Workload } from './pod.ts';
import { POD_LABEL } from './sidecar-container.ts';

/**
 * Adds the label, and annotations, to what makes the pods. A pod that nothing makes has the annotations
 * of the workload.
 */
export function metadataOfPods(
  { value, template }: Workload,
  annotations: Readonly<Record<string, string>>,
): readonly Change[] {
  const at = [...template, 'metadata'];
  const isPod = template.length === 0;
  const hasAnnotations = !isPod && Object.keys(annotations).length > 0;
  const added = { labels: POD_LABEL, ...(hasAnnotations ? { annotations } : {}) };
  if (!isMapping(valueAt(value, at))) return [setKeys(value, template, { metadata: added })];
  return Object.entries(added).map(([key, entries]) => setKeys(value, [...at, key], entries));
}

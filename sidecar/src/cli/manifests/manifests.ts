import type { Format } from '@lastgood/core/formats/format.ts';
import { type ConfigObject, isConfigObject, readConfigObject } from './config-object.ts';
import { literalBlocks } from './literal-blocks.ts';
import { type ManifestObject, objectsOf } from './objects.ts';
import { makesPods } from './pod-volumes.ts';

/** What a stream of Kubernetes manifests holds for a pod to read. */
export interface Manifests {
  /** Every ConfigMap and Secret. */
  readonly configs: readonly ConfigObject[];
  /** Everything that makes pods. */
  readonly workloads: readonly ManifestObject[];
  /** Whether a line may hold a value of a Secret, and must not be shown (P8). */
  isSealed(line: number): boolean;
}

/**
 * Reads manifests: YAML of many documents or JSON, as `kubectl get`, Kustomize and Helm write them.
 * Undefined when it cannot be parsed, or nothing in it is for a pod to read: then it is a file like
 * any other.
 *
 * @param file - as it is named in the locations
 */
export function readManifests(file: string, text: string, format: Format): Manifests | undefined {
  const parsed = format.parse(text);
  if (!parsed.ok) return undefined;
  const objects = objectsOf(file, text, parsed.documents);
  const workloads = objects.filter(makesPods);
  const configObjects = objects.filter(isConfigObject);
  if (workloads.length + configObjects.length === 0) return undefined;
  const blockAt = format.name === 'yaml' ? literalBlocks(text) : () => undefined;
  const configs = configObjects.map((object) => readConfigObject(object, blockAt));
  return { configs, workloads, isSealed: sealedLines(objects) };
}

/**
 * A text that cannot be parsed may still hold a Secret. Rather too many are taken for one than too
 * few: then only the place of a mistake is shown.
 */
export function mayHoldSecret(text: string): boolean {
  return /kind["']?\s*:\s*["']?\w*Secret/.test(text);
}

/** From the first line of a Secret to that of the object after it, comments between them included. */
function sealedLines(objects: readonly ManifestObject[]): Manifests['isSealed'] {
  const ranges = objects.flatMap((object, index) => {
    if (!object.kind.includes('Secret')) return [];
    const next = objects[index + 1];
    const last = next === undefined ? Number.POSITIVE_INFINITY : next.locate([]).line;
    return { first: object.locate([]).line, last };
  });
  return (line) => ranges.some(({ first, last }) => first <= line && line <= last);
}

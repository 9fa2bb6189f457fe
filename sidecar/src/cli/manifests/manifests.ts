import { decode } from '@lastgood/core/formats/encoding.ts';
import type { Format } from '@lastgood/core/formats/format.ts';
import { formatOfPath, hasGrammar } from '@lastgood/core/formats/formats.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { SourceText } from '../report/report.ts';
import { type ConfigObject, isConfigObject, readConfigObject } from './config-object.ts';
import type { ManifestText } from './data-entries.ts';
import { kubectlValues } from './kubectl-scalars.ts';
import { literalBlocks } from './literal-blocks.ts';
import { type ManifestObject, objectsOf } from './objects.ts';
import { makesPods } from './pod-volumes.ts';

/** The objects in a stream of Kubernetes manifests that decide what a pod reads. */
export interface Manifests {
  /** Every ConfigMap and Secret. */
  readonly configs: readonly ConfigObject[];
  /** Everything that makes pods. */
  readonly workloads: readonly ManifestObject[];
  /** Lines that may contain a value of a Secret are sealed (P8). */
  readonly source: SourceText;
}

/**
 * Reads a file as manifests. Returns the file if it has none, as a secret one if it may be a Secret
 * that cannot be parsed.
 *
 * @param shownPath - its name in locations
 */
export function manifestsInFile(file: SnapshotFile, shownPath: string): Manifests | SnapshotFile {
  const format = formatOfPath(file.path);
  const decoded = decode(file.bytes, format.name);
  if (!hasGrammar(format) || !decoded.ok) return file;
  const { text } = decoded;
  const secret = file.secret || mayHoldSecret(text);
  return readManifests(shownPath, text, format) ?? { ...file, secret };
}

/**
 * Reads manifests: YAML of many documents or JSON, as `kubectl get`, Kustomize and Helm write them.
 * Undefined if the text cannot be parsed, or has nothing for a pod to read.
 *
 * @param file - its name in locations
 */
export function readManifests(file: string, text: string, format: Format): Manifests | undefined {
  const parsed = format.parse(text);
  if (!parsed.ok) return undefined;
  const objects = objectsOf(file, text, parsed.documents);
  const workloads = objects.filter(makesPods);
  const configObjects = objects.filter(isConfigObject);
  if (workloads.length + configObjects.length === 0) return undefined;
  const manifestText = format.name === 'yaml' ? readYamlText(text) : NO_TEXT;
  const configs = configObjects.map((object) => readConfigObject(object, manifestText));
  return { configs, workloads, source: { text, isSealed: sealedLines(objects) } };
}

/** In JSON, text is never anything else, and no text has lines. */
const NO_TEXT: ManifestText = { blockAt: () => undefined, kubectlValueAt: () => undefined };

function readYamlText(text: string): ManifestText {
  return { blockAt: literalBlocks(text), kubectlValueAt: kubectlValues(text) };
}

/**
 * Whether a text that cannot be parsed may be a Secret. It is better to hide too much: then a
 * finding shows only its location.
 */
export function mayHoldSecret(text: string): boolean {
  return /kind["']?\s*:\s*["']?\w*Secret/.test(text);
}

/** From the first line of a Secret to that of the next object, including comments between them. */
function sealedLines(objects: readonly ManifestObject[]): SourceText['isSealed'] {
  const ranges = objects.flatMap((object, index) => {
    if (!object.kind.includes('Secret')) return [];
    const last = objects[index + 1]?.locate([]).line ?? Number.POSITIVE_INFINITY;
    return { first: object.locate([]).line, last };
  });
  return (line) => ranges.some(({ first, last }) => first <= line && line <= last);
}

import { decode } from '@lastgood/core/formats/encoding.ts';
import type { Document, Format } from '@lastgood/core/formats/format.ts';
import { formatOfPath, hasGrammar } from '@lastgood/core/formats/formats.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import type { SnapshotFile } from '@lastgood/core/model/snapshot.ts';
import type { SourceText } from '../report/report.ts';
import { type ConfigObject, isConfigObject, readConfigObject } from './config-object.ts';
import type { ManifestText } from './data-entries.ts';
import { type KubectlValueAt, kubectlValues } from './kubectl-scalars.ts';
import { withKinds } from './kustomization.ts';
import { type BlockAt, literalBlocks } from './literal-blocks.ts';
import { readManifestYaml } from './manifest-yaml.ts';
import { type ManifestObject, objectsOf, rootsOf } from './objects.ts';
import { makesPods } from './pod-volumes.ts';
import { holdsSecret, mayHoldSecret } from './secret-objects.ts';

/** The objects in a stream of Kubernetes manifests. */
export interface Manifests {
  /** All of them. */
  readonly objects: readonly ManifestObject[];
  /** Every ConfigMap and Secret. */
  readonly configs: readonly ConfigObject[];
  /** Everything that makes pods. */
  readonly workloads: readonly ManifestObject[];
  /** Lines that may contain a value of a Secret are sealed (P8). */
  readonly source: SourceText;
  readonly kubectlValueAt: KubectlValueAt;
  readonly blockAt: BlockAt;
}

/** A file that has nothing for a pod to read. */
export interface OtherFile {
  /** Secret if it has a Secret all the same, or may be one that cannot be parsed. */
  readonly file: SnapshotFile;
  /** Those of tools, such as a Kustomization. */
  readonly objects: readonly ManifestObject[];
}

/**
 * Reads a file as manifests.
 *
 * @param shownPath - its name in locations
 */
export function manifestsInFile(file: SnapshotFile, shownPath: string): Manifests | OtherFile {
  const format = formatOfPath(file.path);
  const decoded = decode(file.bytes, format.name);
  // A single letter in another encoding does not make its values less secret.
  const text = decoded.ok ? decoded.text : file.bytes.toString('latin1');
  const isWritten = file.secret || mayHoldSecret(text);
  // A flag may set a format that the name does not have.
  if (!decoded.ok || !(hasGrammar(format) || isWritten))
    return { file: { ...file, secret: isWritten }, objects: [] };
  const isManifest = hasGrammar(format);
  const parsed = (isManifest ? format : yaml).parse(text);
  const documents = parsed.ok ? withKinds(file.path, parsed.documents) : [];
  const manifests = readObjects(shownPath, text, format, isManifest ? documents : []);
  if (hasPodsOrConfigs(manifests)) return manifests;
  const secret =
    file.secret || (isWritten && (!parsed.ok || parsed.documents.some(isSecretDocument)));
  return { file: { ...file, secret }, objects: manifests.objects };
}

function hasPodsOrConfigs({ workloads, configs }: Manifests): boolean {
  return workloads.length + configs.length > 0;
}

function isSecretDocument({ value }: Document): boolean {
  return holdsSecret(value);
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
  const manifests = readObjects(file, text, format, parsed.documents);
  return hasPodsOrConfigs(manifests) ? manifests : undefined;
}

/** Reads parsed manifests, also those with objects that no pod reads. */
export function readObjects(
  file: string,
  text: string,
  format: Format,
  documents: readonly Document[],
): Manifests {
  const objects = objectsOf(file, text, documents);
  const manifestText = format.name === 'yaml' ? readYamlText(text) : NO_TEXT;
  return {
    objects,
    configs: objects.filter(isConfigObject).map((object) => readConfigObject(object, manifestText)),
    workloads: objects.filter(makesPods),
    source: { text, isSealed: sealedLines(documents) },
    ...manifestText,
  };
}

/** In JSON, text is never anything else, and no text has lines. */
const NO_TEXT: ManifestText = { blockAt: () => undefined, kubectlValueAt: () => undefined };

function readYamlText(text: string): ManifestText {
  const yaml = readManifestYaml(text);
  if (yaml === undefined) return NO_TEXT;
  return { blockAt: literalBlocks(yaml), kubectlValueAt: kubectlValues(yaml) };
}

/** From the first line of a Secret to that of the next object, including comments between them. */
function sealedLines(documents: readonly Document[]): SourceText['isSealed'] {
  const objects = documents.flatMap((document) =>
    rootsOf(document.value).map(({ value, pointer }) => ({
      first: document.locate(pointer, 'value').line,
      isSecret: holdsSecret(value),
    })),
  );
  const ranges = objects.flatMap(({ first, isSecret }, index) =>
    isSecret ? { first, last: objects[index + 1]?.first ?? Number.POSITIVE_INFINITY } : [],
  );
  return (line) => ranges.some(({ first, last }) => first <= line && line <= last);
}

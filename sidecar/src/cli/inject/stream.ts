import type { Document } from '@lastgood/core/formats/format.ts';
import { createLines } from '@lastgood/core/formats/lines.ts';
import { yaml } from '@lastgood/core/formats/yaml.ts';
import { findingOf } from '@lastgood/core/model/error.ts';
import type { Finding } from '@lastgood/core/model/finding.ts';
import { locateIssues } from '@lastgood/core/model/issue.ts';
import { type Pointer, valueAt } from '@lastgood/core/model/pointer.ts';
import { tryTo } from '@lastgood/core/model/try-to.ts';
import { kubectlValues } from '../manifests/kubectl-scalars.ts';
import { readManifestYaml } from '../manifests/manifest-yaml.ts';
import { type ManifestObject, objectAt, rootsOf } from '../manifests/objects.ts';
import { type Workload, workloadOf } from './pod.ts';
import type { Problem } from './problem.ts';
import { readTextNodes, type TextNode } from './text-nodes.ts';

/** Where an object is in the documents of a stream. */
export interface ObjectPlace {
  readonly document: number;
  /** Of an item of a list of objects. */
  readonly pointer: Pointer;
}

/** A workload, and where it is. */
export interface PlacedWorkload extends ObjectPlace {
  readonly workload: Workload;
}

/** A ConfigMap, and where it is. */
interface PlacedConfigMap extends ObjectPlace {
  readonly object: ManifestObject;
}

/** A stream of manifests, with the place of each value in the text. */
export interface Stream {
  readonly text: string;
  readonly documents: readonly Document[];
  readonly workloads: readonly PlacedWorkload[];
  /** All that have a name, in every namespace. */
  readonly configMaps: ReadonlyMap<string, readonly PlacedConfigMap[]>;
  /** JSON has one document, and nothing can be added below it. */
  readonly isJson: boolean;
  /** The top node of a document. */
  nodeOf(document: number): TextNode | undefined;
}

/** Findings, once the name of the file is known. */
type Locatable = (file: string) => readonly Finding[];

/** Reads a stream of manifests in YAML or JSON, or says why it cannot be read. */
export function readStream(text: string): Stream | { readonly findings: Locatable } {
  const parsed = yaml.parse(text);
  if (!parsed.ok) {
    // A stream may have a Secret: what it quotes may be a value (P8).
    const findings: Locatable = (path) =>
      locateIssues(parsed.issues, { path, secret: true }, createLines(text));
    return { findings };
  }
  const { documents } = parsed;
  let nodes: readonly TextNode[] | undefined;
  return {
    text,
    documents,
    ...objectsIn(text, documents),
    isJson: documents.length === 1 && tryTo(() => JSON.parse(text)) !== undefined,
    nodeOf: (document) => {
      nodes ??= readTextNodes(text) ?? [];
      return nodes[document];
    },
  };
}

function objectsIn(
  text: string,
  documents: readonly Document[],
): Pick<Stream, 'workloads' | 'configMaps'> {
  const manifest = readManifestYaml(text);
  const kubectlValueAt = manifest === undefined ? () => undefined : kubectlValues(manifest);
  const workloads: PlacedWorkload[] = [];
  const configMaps = new Map<string, PlacedConfigMap[]>();
  documents.forEach((each, document) => {
    for (const root of rootsOf(each.value)) {
      const object = objectAt('', each, root);
      if (object === undefined) continue;
      const { pointer } = root;
      const workload = workloadOf(object, kubectlValueAt);
      if (workload !== undefined) workloads.push({ workload, document, pointer });
      if (object.kind === 'ConfigMap')
        configMaps.getOrInsert(object.name, []).push({ object, document, pointer });
    }
  });
  return { workloads, configMaps };
}

/** The value of an annotation of a workload. */
export function annotationOf({ value }: Workload, name: string): string | undefined {
  const annotation = valueAt(value, ['metadata', 'annotations', name]);
  return typeof annotation === 'string' ? annotation : undefined;
}

/** A problem at its place in the text. */
export function locateProblem(
  file: string,
  { documents }: Stream,
  { document, pointer }: PlacedWorkload,
  { code, args, pointer: inner, location }: Problem,
): Finding {
  if (location !== undefined) return findingOf(code, args, location);
  const position = documents[document]?.locate([...pointer, ...inner], 'value');
  return findingOf(code, args, { file, ...position });
}
